using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;

namespace Portkey.Portal.Provisioning.Imports;

/// <summary>The environment variables of a values file, translated into the names and words that the chart and the gateway read.</summary>
/// <param name="corrections">Takes what is understood otherwise than it is written.</param>
/// <param name="dropped">Takes what is left out.</param>
/// <param name="isOwn">The portal wrote the file, so there is nothing to guess: what looks like a mistake of the guide is meant.</param>
internal sealed class ImportedSettings(List<Correction> corrections, List<Dropped> dropped, bool isOwn)
{
    private const string BuiltInRedis = "redis://redis:6379";

    // Names of Portkey's guide that no version of its chart reads under that name. Those with a single counterpart are in settings.csv.
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal)
    {
        ["COSMOS_DB_CONNECTION_URL"] = "MONGO_DB_CONNECTION_URL",
        ["COSMOS_CONNECTION_URL"] = "MONGO_DB_CONNECTION_URL",
        ["COSMOS_DATABASE"] = "MONGO_DATABASE",
        ["COSMOS_COLLECTION_NAME"] = "MONGO_COLLECTION_NAME",
        ["COSMOS_GENERATION_HOOKS_COLLECTION_NAME"] = "MONGO_GENERATION_HOOKS_COLLECTION_NAME",
        ["AZURE_STORAGE_CONTAINER_NAME"] = "AZURE_STORAGE_CONTAINER",
        ["AZURE_CONTAINER"] = "AZURE_STORAGE_CONTAINER",
    };

    private static readonly Dictionary<string, string> Nowhere = new(StringComparer.Ordinal)
    {
        ["PINECONE_NAMESPACE"] = "Current gateways know no namespace of an index; give each gateway an index of its own.",
        ["AWS_ASSUME_ROLE_ACCESS_KEY_ID"] = "The portal offers s3_assume with the pod's own identity.",
        ["AWS_ASSUME_ROLE_SECRET_ACCESS_KEY"] = "The portal offers s3_assume with the pod's own identity.",
        ["AWS_ASSUME_ROLE_REGION"] = "The portal offers s3_assume with the pod's own identity.",
    };

    private static readonly Dictionary<string, Setting> ByGuideName =
        SettingsCatalog.All.Where(s => s.GuideName.Length > 0).ToDictionary(s => s.GuideName, StringComparer.Ordinal);

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly HashSet<string> blank = new(StringComparer.Ordinal);
    private bool azureNames;
    private bool cosmosNames;

    public void Take(IEnumerable<KeyValuePair<string, object?>> entries, string above)
    {
        foreach (var (written, value) in entries)
        {
            var key = Translated(written, above);
            if (value is not (null or string))
            {
                dropped.Add(new(above + written, "An environment variable holds text, not a list or a map."));
            }
            else if (!SettingsCatalog.ByKey.ContainsKey(key))
            {
                dropped.Add(new(above + written, Nowhere.GetValueOrDefault(written) ?? "The portal knows no setting of this name."));
            }
            else if (key == "ORGANISATIONS_TO_SYNC" && values.TryGetValue(key, out var already) && value is string more)
            {
                values[key] = string.Join(',', $"{already},{more}".Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal));
            }
            else
            {
                // Spaces around a value come from pasting, except in a text that may hold any.
                Set(key, IsFreeText(key) ? value as string : (value as string)?.Trim(), above + written);
                if (string.IsNullOrWhiteSpace(value as string))
                {
                    blank.Add(key);
                }
            }
        }
    }

    public void Set(string key, string? value, string field)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        if (!isOwn && value.StartsWith('<') && value.EndsWith('>'))
        {
            dropped.Add(new(field, "It is a placeholder of the guide, not a value."));
            return;
        }

        values[key] = value;
    }

    /// <summary>Settings and secrets, after the mistakes that show only in what stands beside them.</summary>
    public (Dictionary<string, string> Settings, Dictionary<string, string> Secrets) Finish(Edition edition)
    {
        if (isOwn && values.GetValueOrDefault("REDIS_URL") == BuiltInRedis)
        {
            values.Remove("REDIS_URL"); // the only form in which the portal ever writes one
        }
        else if (!isOwn)
        {
            LogStore();
            Cache();
            Rest();
        }

        var known = values.Where(v => isOwn || SettingsCatalog.ByKey[v.Key].AppliesTo(edition)).ToList();
        foreach (var (key, _) in values.Except(known))
        {
            dropped.Add(new(key, "The open-source gateway does not read it."));
        }

        return (
            known.Where(v => !SettingsCatalog.ByKey[v.Key].View.IsSecret && v.Value != SettingsCatalog.ByKey[v.Key].View.Default).ToDictionary(StringComparer.Ordinal),
            known.Where(v => SettingsCatalog.ByKey[v.Key].View.IsSecret).ToDictionary(StringComparer.Ordinal));
    }

    private static bool IsFreeText(string key) => SettingsCatalog.ByKey[key] is { View: { IsSecret: false, AllowedValues.Count: 0 }, Pattern.Length: 0 };

    private string Translated(string written, string above)
    {
        azureNames |= written.StartsWith("AZURE_STORAGE", StringComparison.Ordinal) || written.StartsWith("AZURE_CONTAINER", StringComparison.Ordinal);
        cosmosNames |= written.StartsWith("COSMOS_", StringComparison.Ordinal);
        if (SettingsCatalog.ByKey.ContainsKey(written))
        {
            return written;
        }

        if ((ByGuideName.TryGetValue(written, out var setting) ? setting.Key : OtherNames.GetValueOrDefault(written)) is not { } key)
        {
            return written;
        }

        corrections.Add(new(above + written, written, key, "The guide's name; the chart and the gateway read the other."));
        return key;
    }

    private void LogStore()
    {
        var store = values.GetValueOrDefault("LOG_STORE", "");
        if (azureNames && values.ContainsKey("AZURE_STORAGE_ACCOUNT") && store is "s3" or "azure_blob" or "blob" && !values.ContainsKey("LOG_STORE_GENERATIONS_BUCKET"))
        {
            Correct("LOG_STORE", store, "azure", "The guide calls Azure Blob Storage s3; the gateway calls it azure.");
        }
        else if (store is "cosmos" or "cosmosdb" || (cosmosNames && store.Length == 0 && values.ContainsKey("MONGO_DB_CONNECTION_URL")))
        {
            Correct("LOG_STORE", store, "mongo", "Cosmos DB is reached through its MongoDB interface.");
        }
    }

    private void Cache()
    {
        var url = values.GetValueOrDefault("REDIS_URL", "");
        if (blank.Contains("CACHE_STORE") && url.Length > 0 && url != BuiltInRedis)
        {
            Correct("CACHE_STORE", "", "custom", "The guide leaves it blank for a Redis of your own; the gateway wants the word custom.");
        }

        if (url == BuiltInRedis && values.GetValueOrDefault("CACHE_STORE", "redis") == "redis")
        {
            values.Remove("REDIS_URL"); // the chart's own, which has no password
        }
        else if (url.StartsWith("rediss://", StringComparison.Ordinal) && values.GetValueOrDefault("REDIS_TLS_ENABLED") != "true")
        {
            Correct("REDIS_TLS_ENABLED", values.GetValueOrDefault("REDIS_TLS_ENABLED", ""), "true", "REDIS_URL starts with rediss://, which is TLS.");
        }
        else if (url.StartsWith("redis://", StringComparison.Ordinal) && values.GetValueOrDefault("REDIS_TLS_ENABLED") == "true")
        {
            Correct("REDIS_TLS_ENABLED", "true", "false", "REDIS_URL starts with redis://, which is not TLS.");
        }
    }

    private void Rest()
    {
        if (values.GetValueOrDefault("SERVER_MODE") == "gateway")
        {
            Correct("SERVER_MODE", "gateway", "", "The word gateway switches the gateway off; empty means the AI gateway alone.");
            values.Remove("SERVER_MODE");
        }

        if (values.ContainsKey("VECTOR_STORE_ADDRESS") && !values.ContainsKey("VECTOR_STORE"))
        {
            Correct("VECTOR_STORE", "", "pinecone", "The guide implies it by its PINECONE_ names; the gateway wants it said.");
        }

        if (values.ContainsKey("SEMANTIC_CACHE_EMBEDDING_API_KEY") && !values.ContainsKey("SEMANTIC_CACHE_EMBEDDING_PROVIDER"))
        {
            Correct("SEMANTIC_CACHE_EMBEDDING_PROVIDER", "", "openai", "The guide implies it by its SEMCACHE_OPENAI_ names; the gateway wants it said.");
        }

        if (values.GetValueOrDefault("PORT") is { } port && port != "8787")
        {
            Correct("PORT", port, "8787", "Every image listens on 8787.");
        }
    }

    private void Correct(string key, string was, string now, string why)
    {
        corrections.Add(new(key, was.Length == 0 ? "nothing" : was, now.Length == 0 ? "nothing" : now, why));
        values[key] = now;
    }
}
