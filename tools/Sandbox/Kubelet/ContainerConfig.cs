using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet.Images;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>A container cannot be made from what its pod refers to; the message is a kubelet's.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>Builds the environment of a container from env and envFrom.</summary>
internal sealed class ContainerConfig(INodeApi api)
{
    public async Task<Dictionary<string, string>> ResolveAsync(
        JsonObject pod,
        JsonObject container,
        string podAddress,
        CancellationToken cancel
    )
    {
        var ns = PodKey.Of(pod).Namespace;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.Items("envFrom"))
        {
            await AddAllAsync(source, "secretRef", "secrets", ns, environment, cancel);
            await AddAllAsync(source, "configMapRef", "configmaps", ns, environment, cancel);
        }

        foreach (var entry in container.Items("env"))
        {
            if (entry.Text("name") is not { Length: > 0 } name)
            {
                continue;
            }

            var value = entry.Dig("valueFrom") is JsonObject from
                ? await FromAsync(from, pod, container, podAddress, cancel)
                : Variables.Expand(entry.Text("value") ?? "", environment);
            if (value is not null)
            {
                environment[name] = value;
            }
        }

        return environment;
    }

    private async Task AddAllAsync(
        JsonObject source,
        string field,
        string resource,
        string ns,
        Dictionary<string, string> environment,
        CancellationToken cancel
    )
    {
        if (source.Dig(field) is not JsonObject reference)
        {
            return;
        }

        foreach (var (key, value) in Decode(resource, await ReadAsync(resource, ns, reference, cancel)))
        {
            environment[(source.Text("prefix") ?? "") + key] = value;
        }
    }

    private async Task<string?> FromAsync(
        JsonObject from,
        JsonObject pod,
        JsonObject container,
        string podAddress,
        CancellationToken cancel
    )
    {
        var ns = PodKey.Of(pod).Namespace;
        return from switch
        {
            _ when from.Dig("secretKeyRef") is JsonObject secret => await KeyAsync("secrets", "Secret", ns, secret, cancel),
            _ when from.Dig("configMapKeyRef") is JsonObject map => await KeyAsync("configmaps", "ConfigMap", ns, map, cancel),
            _ when from.Text("fieldRef", "fieldPath") is { } path => DownwardApi.Field(pod, path, podAddress),
            _ when from.Text("resourceFieldRef", "resource") is { } resource => DownwardApi.Resource(
                container,
                resource,
                from.Text("resourceFieldRef", "divisor")
            ),
            _ => null,
        };
    }

    private async Task<string?> KeyAsync(string resource, string kind, string ns, JsonObject reference, CancellationToken cancel)
    {
        var found = await ReadAsync(resource, ns, reference, cancel);
        var key = reference.Text("key") ?? "";
        return Decode(resource, found).TryGetValue(key, out var value) ? value
            : reference.IsTrue("optional") ? null
            : throw new ContainerConfigException($"couldn't find key {key} in {kind} {ns}/{reference.Text("name")}");
    }

    private async Task<JsonObject?> ReadAsync(string resource, string ns, JsonObject reference, CancellationToken cancel)
    {
        var name = reference.Text("name") ?? "";
        var found = await api.ReadAsync(resource, ns, name, cancel);
        return found is null && !reference.IsTrue("optional")
            ? throw new ContainerConfigException($"{resource[..^1]} \"{name}\" not found")
            : found;
    }

    private static Dictionary<string, string> Decode(string resource, JsonObject? found) =>
        found
            .Map("data")
            .ToDictionary(pair => pair.Key, pair => resource == "secrets" ? Base64(pair.Value) : pair.Value, StringComparer.Ordinal);

    private static string Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
