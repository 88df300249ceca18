using System.Net;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Proxy;

/// <summary>Maps the proxy subresources of pods and services.</summary>
internal static class ProxyExtensions
{
    public static WebApplication MapProxy(this WebApplication app)
    {
        var store = app.Services.GetRequiredService<ObjectStore>();
        var relay = new Relay();
        app.Lifetime.ApplicationStopped.Register(relay.Dispose);
        foreach (var tail in (string[])["proxy", "proxy/{**rest}"])
        {
            app.Map(
                $"/api/v1/namespaces/{{ns}}/services/{{target}}/{tail}",
                (HttpContext context, string ns, string target) =>
                    AnswerAsync(context, relay, () => OfService(store, ns, ProxyTarget.Parse(target)))
            );
            app.Map(
                $"/api/v1/namespaces/{{ns}}/pods/{{target}}/{tail}",
                (HttpContext context, string ns, string target) =>
                    AnswerAsync(context, relay, () => OfPod(store, ns, ProxyTarget.Parse(target)))
            );
        }

        foreach (var verb in (string[])["exec", "attach", "portforward"])
        {
            app.Map(
                $"/api/v1/namespaces/{{ns}}/pods/{{pod}}/{verb}",
                (HttpContext context) =>
                    AnswerAsync(
                        context,
                        relay,
                        () =>
                            throw new KubeStatusException(
                                501,
                                "NotImplemented",
                                $"{verb} is not played by the sandbox: its pods are processes of this machine. Their Services answer on their cluster addresses here."
                            )
                    )
            );
        }

        return app;
    }

    private static async Task AnswerAsync(HttpContext context, Relay relay, Func<Uri> find)
    {
        try
        {
            await relay.SendAsync(context, find());
        }
        catch (KubeStatusException refusal) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = refusal.Code;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(refusal.ToStatus().ToJsonString());
        }
    }

    private static Uri OfService(ObjectStore store, string ns, ProxyTarget target)
    {
        var service =
            store.Peek(ResourceTypes.Services, ns, target.Name) ?? throw KubeStatusException.NotFound(ResourceTypes.Services, target.Name);
        var port =
            service
                .Items("spec", "ports")
                .FirstOrDefault(item =>
                    target.Port.Length == 0
                    || item.Text("name") == target.Port
                    || (int.TryParse(target.Port, out var number) && item.Int("port") == number)
                )
            ?? throw Unavailable($"no service port \"{target.Port}\" found for service \"{target.Name}\"");
        var ready = ReadyEndpoints.Of(store, ns, target.Name, port.Text("name") ?? "");
        return ready.Count == 0
            ? throw Unavailable($"no endpoints available for service \"{target.Name}\"")
            : target.Address(ready[Random.Shared.Next(ready.Count)]);
    }

    private static Uri OfPod(ObjectStore store, string ns, ProxyTarget target)
    {
        var pod = store.Peek(ResourceTypes.Pods, ns, target.Name) ?? throw KubeStatusException.NotFound(ResourceTypes.Pods, target.Name);
        if (!IPAddress.TryParse(pod.Text("status", "podIP"), out var address) || !IPAddress.IsLoopback(address))
        {
            throw Unavailable($"address not allowed: pod \"{target.Name}\" has no address yet");
        }

        var port = pod.Items("spec", "containers")
            .SelectMany(container => container.Items("ports"))
            .FirstOrDefault(item => target.Port.Length == 0 || item.Text("name") == target.Port)
            .Int("containerPort");
        var number = int.TryParse(target.Port, out var stated) ? stated : port ?? 80;
        return number is > 0 and < 65_536
            ? target.Address(new IPEndPoint(address, number))
            : throw KubeStatusException.BadRequest($"invalid port {number}");
    }

    private static KubeStatusException Unavailable(string message) => new(503, "ServiceUnavailable", message);
}
