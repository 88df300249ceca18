using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine.Delivery;

/// <summary>
/// Plays External Secrets and the Secrets Store CSI driver before a cluster, as far as the portal meets them, with what a Key Vault
/// stand-in holds. As External Secrets does it looks at an immutable Secret no more once it made it; as the driver does it makes a Secret
/// only for a pod that runs, and leaves it to go with that pod's owner.
/// </summary>
public sealed partial class DeliveryStandIn : IAsyncDisposable
{
    private readonly Kubernetes client;
    private readonly Func<string, string, string?> vault;
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    /// <param name="kubeconfig">Of an administrator.</param>
    /// <param name="vault">Value by name and version; null where the vault does not give it.</param>
    public DeliveryStandIn(string kubeconfig, Func<string, string, string?> vault)
    {
        (client, this.vault) = (new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig)), vault);
        loop = Task.Run(RunAsync);
    }

    /// <summary>A key that never gets into a Secret, as with an operator that was misled.</summary>
    public string Forgets { get; set; } = "";

    /// <summary>What went wrong with a look, other than the outages that tests make.</summary>
    public string LastError { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        client.Dispose();
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                foreach (var item in await ListAsync("external-secrets.io", "externalsecrets"))
                {
                    await ExternalAsync(item);
                }

                foreach (var item in await ListAsync("secrets-store.csi.x-k8s.io", "secretproviderclasses"))
                {
                    await ClassAsync(item);
                }

                await Task.Delay(150, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LastError = e is HttpOperationException http ? $"{http.Message} {http.Response?.Content}" : e.ToString(); // it looks again
                await Task.Delay(150);
            }
        }
    }

    private async Task ExternalAsync(JsonObject item)
    {
        var (ns, spec, target) = (item["metadata"]!["namespace"]!.ToString(), item["spec"]!, item["spec"]!["target"]!);
        if (item["status"]?["conditions"]?[0]?["status"]?.ToString() == "True")
        {
            return;
        }

        var (kind, name) = (spec["secretStoreRef"]!["kind"]!.ToString(), spec["secretStoreRef"]!["name"]!.ToString());
        var store = (await ListAsync("external-secrets.io", kind == "SecretStore" ? "secretstores" : "clustersecretstores")).Find(s =>
            s["metadata"]!["name"]!.ToString() == name && (kind != "SecretStore" || s["metadata"]!["namespace"]!.ToString() == ns)
        );
        if (store?["status"]?["conditions"]?[0]?["status"]?.ToString() != "True")
        {
            await SayAsync(
                item,
                ns,
                false,
                "SecretSyncedError",
                store is null ? $"could not get {kind} \"{name}\"" : $"{kind} \"{name}\" is not ready"
            );
            return;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in spec["data"]!.AsArray())
        {
            if (vault(entry!["remoteRef"]!["key"]!.ToString(), entry["remoteRef"]!["version"]!.ToString()) is not { } value)
            {
                await SayAsync(
                    item,
                    ns,
                    false,
                    "SecretSyncedError",
                    $"could not get secret data from provider: {entry["remoteRef"]!["key"]} of this version was not found"
                );
                return;
            }

            values[entry["secretKey"]!.ToString()] = value;
        }

        var templates = target["template"]?["data"] as JsonObject;
        var content = templates is null
            ? values
            : templates.ToDictionary(t => t.Key, t => Fill(t.Value!.ToString(), values), StringComparer.Ordinal);
        try
        {
            await MakeAsync(
                ns,
                target["name"]!.ToString(),
                target["template"]?["type"]?.ToString() ?? "Opaque",
                content,
                target["template"]!["metadata"]!["labels"]!,
                immutable: (bool?)target["immutable"],
                owner: null
            );
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            await SayAsync(item, ns, false, "SecretSyncedError", "could not update secret: field is immutable when `immutable` is set");
            return;
        }

        await SayAsync(item, ns, true, "SecretSynced", "secret synced");
    }

    private async Task ClassAsync(JsonObject item)
    {
        var (ns, name) = (item["metadata"]!["namespace"]!.ToString(), item["metadata"]!["name"]!.ToString());
        var pods = (await client.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: stop.Token)).Items.Where(p =>
            p.Metadata.DeletionTimestamp is null
            && p.Status?.Phase == "Running"
            && p.Spec.Volumes?.Any(v =>
                v.Csi?.Driver == "secrets-store.csi.k8s.io" && v.Csi.VolumeAttributes["secretProviderClass"] == name
            ) == true
        );
        if (pods.FirstOrDefault() is not { } pod)
        {
            return;
        }

        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match entry in Entry().Matches(item["spec"]!["parameters"]!["objects"]!.ToString()))
        {
            if (vault(entry.Groups["name"].Value, entry.Groups["version"].Value) is { } value)
            {
                files[entry.Groups["alias"].Value] = value;
            }
        }

        foreach (var made in item["spec"]!["secretObjects"]!.AsArray())
        {
            var content = made!["data"]!
                .AsArray()
                .Where(d => files.ContainsKey(d!["objectName"]!.ToString()))
                .ToDictionary(d => d!["key"]!.ToString(), d => files[d!["objectName"]!.ToString()], StringComparer.Ordinal);
            if (content.Count > 0)
            {
                await MakeAsync(
                    ns,
                    made["secretName"]!.ToString(),
                    made["type"]!.ToString(),
                    content,
                    made["labels"]!,
                    immutable: null,
                    pod.Metadata.OwnerReferences.Single()
                );
            }
        }
    }

    private async Task MakeAsync(
        string ns,
        string name,
        string type,
        IReadOnlyDictionary<string, string> content,
        JsonNode labels,
        bool? immutable,
        V1OwnerReference? owner
    )
    {
        var secret = new V1Secret
        {
            ApiVersion = V1Secret.KubeApiVersion,
            Kind = V1Secret.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = ns,
                Labels = labels.AsObject().ToDictionary(l => l.Key, l => l.Value!.ToString(), StringComparer.Ordinal),
            },
            Type = type,
            Immutable = immutable,
            Data = content
                .Where(c => c.Key != Forgets)
                .ToDictionary(c => c.Key, c => Encoding.UTF8.GetBytes(c.Value), StringComparer.Ordinal),
        };
        if (owner is not null)
        {
            secret.Metadata.OwnerReferences =
            [
                new V1OwnerReference
                {
                    ApiVersion = owner.ApiVersion,
                    Kind = owner.Kind,
                    Name = owner.Name,
                    Uid = owner.Uid,
                },
            ];
        }

        try
        {
            await client.CoreV1.CreateNamespacedSecretAsync(secret, ns, fieldManager: "stand-in", cancellationToken: stop.Token);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            if (owner is null)
            {
                await client.CoreV1.ReplaceNamespacedSecretAsync(secret, name, ns, fieldManager: "stand-in", cancellationToken: stop.Token);
            }
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // The namespace is going away.
        }
    }

    private async Task SayAsync(JsonObject item, string ns, bool ready, string reason, string message)
    {
        if (item["status"]?["conditions"]?[0]?["message"]?.ToString() == message)
        {
            return;
        }

        var status = new
        {
            status = new
            {
                conditions = new[]
                {
                    new
                    {
                        type = "Ready",
                        status = ready ? "True" : "False",
                        reason,
                        message,
                    },
                },
            },
        };
        await client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            new V1Patch(JsonSerializer.Serialize(status), V1Patch.PatchType.MergePatch),
            "external-secrets.io",
            "v1",
            ns,
            "externalsecrets",
            item["metadata"]!["name"]!.ToString(),
            cancellationToken: stop.Token
        );
    }

    private async Task<List<JsonObject>> ListAsync(string group, string plural)
    {
        try
        {
            var list = await client.CustomObjects.ListClusterCustomObjectAsync(group, "v1", plural, cancellationToken: stop.Token);
            return [.. (JsonNode.Parse(JsonSerializer.Serialize(list))!["items"] as JsonArray ?? []).OfType<JsonObject>()];
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return []; // its definition is not there
        }
    }

    // The functions that the portal's templates use.
    private static string Fill(string template, Dictionary<string, string> values) =>
        Base64()
            .Replace(
                Json().Replace(template, m => JsonSerializer.Serialize(values[m.Groups["key"].Value])),
                m =>
                    Convert.ToBase64String(
                        Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(m.Groups["before"].Value) + values[m.Groups["key"].Value])
                    )
            );

    [GeneratedRegex(@"\{\{ \.(?<key>[A-Z_]+) \| toJson \}\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Json();

    [GeneratedRegex(@"\{\{ print (?<before>""[^""]*"") \.(?<key>[A-Z_]+) \| b64enc \}\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Base64();

    [GeneratedRegex(
        @"objectName: (?<name>\S+)\s+objectAlias: (?<alias>\S+)\s+objectType: secret\s+objectVersion: ""(?<version>[^""]+)""",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Entry();
}
