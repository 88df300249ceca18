using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>What manifests take from Secrets, and whether it is there. Names only.</summary>
internal static class SecretCoverage
{
    /// <summary>Keys by Secret, each with who takes it; an empty key stands for the Secret as a whole. Optional ones are left
    /// out.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Taken(string manifest)
    {
        var taken = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var item in ManifestYaml.Parse(manifest))
        {
            Walk(item, $"{Text(item["kind"])} {Text(item["metadata"]?["name"])}", taken);
        }

        return taken.ToDictionary(t => t.Key, IReadOnlyDictionary<string, string> (t) => t.Value, StringComparer.Ordinal);
    }

    /// <summary>Compares with the cluster, for those Secrets that are the portal's to provide.</summary>
    /// <exception cref="ClusterRejectedException">Some key is missing; all are named.</exception>
    public static async Task CheckAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        string manifest,
        CancellationToken cancellationToken
    )
    {
        var missing = new List<string>();
        foreach (var (name, keys) in Taken(manifest).Where(t => IsOurs(t.Key, set.Release)).OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var has = (await SecretKeys.ReadAsync(connection, set.Namespace, name, cancellationToken))?.Keys;

            // A reference to the whole Secret needs every key that the revision pins.
            var pinned =
                name == set.Name && keys.TryGetValue("", out var taker)
                    ? set.Environment.Keys.Where(k => !keys.ContainsKey(k)).Select(k => KeyValuePair.Create(k, taker))
                    : [];
            var lacks = keys.Concat(has is null ? [] : pinned)
                .Where(k => has is null || (k.Key.Length > 0 && !has.Contains(k.Key)))
                .OrderBy(k => k.Key, StringComparer.Ordinal)
                .ToList();
            if (has is null && lacks.Count > 0)
            {
                missing.Add($"there is no Secret {name}, from which {Who(lacks)} takes {What(lacks)}");
            }
            else if (lacks.Count > 0)
            {
                missing.Add($"Secret {name} lacks {What(lacks)}, which {Who(lacks)} takes from it");
            }
        }

        if (missing.Count > 0)
        {
            throw new ClusterRejectedException(
                "secret-keys-missing",
                $"Helm was not run: {string.Join("; ", missing)}. {CureOf(settings.Mode)}"
            );
        }
    }

    private static string CureOf(SecretDeliveryMode mode) =>
        mode switch
        {
            SecretDeliveryMode.ExternalSecrets =>
                "Look at the ExternalSecret of that name: each entry of its data has to be one that the store may read. Then retry.",
            SecretDeliveryMode.SecretsStoreCsi =>
                "Look at the SecretProviderClass of that name and at the events of its delivery pod, remove a Secret that somebody else made, then retry.",
            _ => "Store what is missing under the environment's secrets and propose the change with it.",
        };

    private static bool IsOurs(string name, string release) =>
        name.StartsWith($"{release}-env-", StringComparison.Ordinal) || name.StartsWith($"{release}-pull-", StringComparison.Ordinal);

    private static string What(IReadOnlyList<KeyValuePair<string, string>> lacks) =>
        string.Join(", ", lacks.Select(l => l.Key.Length > 0 ? l.Key : "all of it"));

    private static string Who(IReadOnlyList<KeyValuePair<string, string>> lacks) =>
        string.Join(", ", lacks.Select(l => l.Value).Distinct(StringComparer.Ordinal));

    private static void Walk(JsonNode? node, string who, Dictionary<string, Dictionary<string, string>> taken)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list)
                {
                    Walk(item, who, taken);
                }

                return;
            case JsonObject item:
                foreach (var (field, value) in item)
                {
                    Take(field, value, who, taken);
                    Walk(value, who, taken);
                }

                return;
        }
    }

    private static void Take(string field, JsonNode? value, string who, Dictionary<string, Dictionary<string, string>> taken)
    {
        switch (field, value)
        {
            case ("secretKeyRef", JsonObject one) when !IsOptional(one):
                Add(Text(one["name"]), Text(one["key"]));
                break;
            case ("secretRef" or "secret", JsonObject whole) when !IsOptional(whole):
                var name = Text(whole["name"]) is { Length: > 0 } given ? given : Text(whole["secretName"]);
                Add(name, "");
                foreach (var item in whole["items"] as JsonArray ?? [])
                {
                    Add(name, Text(item?["key"]));
                }

                break;
            case ("imagePullSecrets", JsonArray pulls):
                foreach (var pull in pulls)
                {
                    Add(Text(pull?["name"]), ".dockerconfigjson");
                }

                break;
        }

        void Add(string secret, string key)
        {
            if (secret.Length > 0)
            {
                (taken.TryGetValue(secret, out var keys) ? keys : taken[secret] = new(StringComparer.Ordinal)).TryAdd(key, who);
            }
        }
    }

    private static bool IsOptional(JsonObject item) =>
        item["optional"] is JsonValue value && value.TryGetValue<bool>(out var optional) && optional;

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
