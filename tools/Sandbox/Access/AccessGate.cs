using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>Lets in holders of the kubeconfig's or a service account's token, and only to what RBAC allows. Health and version are open,
/// as in an API server.</summary>
internal sealed class AccessGate(RequestDelegate next, Identity identity, ServiceAccountTokens tokens, Authorizer authorizer)
{
    private const string Bearer = "Bearer ";
    private readonly byte[] _admin = Encoding.UTF8.GetBytes(identity.Token);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is "/healthz" or "/livez" or "/readyz" or "/version")
        {
            return next(context);
        }

        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Bearer, StringComparison.Ordinal) ? header[Bearer.Length..] : "";
        var subject =
            (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), _admin) ? Subject.Admin : tokens.Read(token))
            ?? throw new KubeStatusException(401, "Unauthorized", "Unauthorized");
        var access = AccessRequest.Of(context.Request);
        if (!authorizer.Allows(subject, access))
        {
            throw access.Refusal(subject);
        }

        context.Features.Set(subject);
        return next(context);
    }
}
