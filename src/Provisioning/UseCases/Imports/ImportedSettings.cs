using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>The environment variables of a values file, translated into the names and words that the chart and the gateway read.</summary>
/// <param name="account">Takes where each leaf goes.</param>
/// <param name="isOwn">The portal wrote the file, so there is nothing to guess: what looks like a mistake of the guide is meant.</param>
internal sealed class ImportedSettings(Account account, bool isOwn)
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
        ["PINECONE_NAMESPACE"] = "Current gateways have no index namespaces; give each gateway its own index.",
        ["AWS_ASSUME_ROLE_ACCESS_KEY_ID"] = "The portal offers s3_assume with the pod's own identity.",
        ["AWS_ASSUME_ROLE_SECRET_ACCESS_KEY"] = "The portal offers s3_assume with the pod's own identity.",
        ["AWS_ASSUME_ROLE_REGION"] = "The portal offers s3_assume with the pod's own identity.",
    };

    private static readonly Dictionary<string, Setting> ByGuideName = SettingsCatalog
        .All.Where(s => s.GuideName.Length > 0)
        .ToDictionary(s => s.GuideName, StringComparer.Ordinal);

    private readonly Dictionary<string, Variable> variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueNode> blank = new(StringComparer.Ordinal);
    private bool azureNames;
    private bool cosmosNames;

    /// <summary>Problems that a request would have with these, by field.</summary>
    public List<FieldProblem> Problems { get; } = [];

    /// <summary>Takes one environment variable.</summary>
    public void Take(string written, ValueNode value)
    {
        var key = Translated(written, value);
        if (value.Kind != ValueKind.Scalar)
        {
            account.Drop(value, "An environment variable holds text, not a list or a map.");
            account.Keep(value, $"settings.{key}");
        }
        else if (!VariableReader.IsName(key))
        {
            account.Drop(value, "It is not a name of an environment variable.");
        }
        else if (Nowhere.GetValueOrDefault(written) is { } why && !string.IsNullOrEmpty(value.Text))
        {
            account.Drop(value, why);
        }
        else
        {
            Set(key, value);
        }
    }

    /// <summary>Sets a variable by the name that the gateway reads.</summary>
    public void Set(string key, ValueNode? leaf)
    {
        if (leaf is null)
        {
            return;
        }

        if (leaf.Kind != ValueKind.Scalar || string.IsNullOrWhiteSpace(leaf.Text))
        {
            account.Keep(leaf, $"settings.{key} (empty)");
            blank[key] = leaf;
            return;
        }

        var setting = SettingsCatalog.ByKey.GetValueOrDefault(key);
        var isSecret = setting?.View.IsSecret ?? (!isOwn && VariableReader.LooksSecret(key, leaf.Text));
        if (!isOwn && Unusable(leaf.Text, setting, isSecret) is { } why)
        {
            account.Drop(leaf, why);
            return;
        }

        var text = isOwn ? leaf.Text : VariableReader.Read(account, leaf, setting, isSecret);
        if (key == "ORGANISATIONS_TO_SYNC" && variables.TryGetValue(key, out var already))
        {
            text = string.Join(
                ',',
                $"{already.Text},{text}"
                    .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Distinct(StringComparer.Ordinal)
            );
        }
        else if (variables.TryGetValue(key, out var before))
        {
            account.Drop(before.Leaf, $"{key} is given twice; {leaf.Path} is used.");
        }

        variables[key] = new(key, text, leaf, isSecret);
        if (isSecret)
        {
            account.Secret(leaf, key);
        }
        else
        {
            account.Keep(leaf, $"settings.{key}");
        }
    }

    /// <summary>Value of a variable so far; empty where it is not set.</summary>
    public string Value(string key) => variables.GetValueOrDefault(key)?.Text ?? "";

    /// <summary>Sets a variable where the file does not.</summary>
    public void SetIfAbsent(string key, ValueNode? leaf)
    {
        if (leaf is { IsEmpty: false } && variables.TryGetValue(key, out var there))
        {
            account.Drop(leaf, $"{key} is given at {there.Leaf?.Path}, which is used.");
        }
        else
        {
            Set(key, leaf);
        }
    }

    /// <summary>A Redis of one's own is custom for the gateway, where a newer line of charts says redis and that it is external.</summary>
    public void CustomStore(ValueNode? says)
    {
        if (Value("CACHE_STORE") is "" or "redis")
        {
            Correct(
                "CACHE_STORE",
                Value("CACHE_STORE"),
                "custom",
                $"{says?.Path} says that it is a Redis of your own, which the portal calls custom."
            );
        }
    }

    /// <summary>Takes a variable out, since something else of the spec says it.</summary>
    public ValueNode? Remove(string key) => variables.Remove(key, out var variable) ? variable.Leaf : null;

    /// <summary>Settings and secrets, after the mistakes that show only in what stands beside them.</summary>
    public (Dictionary<string, string> Settings, Dictionary<string, string> Secrets) Finish(Edition edition)
    {
        if (isOwn && Value("REDIS_URL") == BuiltInRedis)
        {
            account.Keep(variables["REDIS_URL"].Leaf, "settings.CACHE_STORE"); // the only form in which the portal ever writes one
            variables.Remove("REDIS_URL");
        }
        else if (!isOwn)
        {
            LogStore();
            Cache();
            Rest();
        }

        foreach (var (key, variable) in variables.ToList())
        {
            if (!isOwn && SettingsCatalog.ByKey.TryGetValue(key, out var setting) && !setting.AppliesTo(edition))
            {
                account.Drop(
                    variable.Leaf,
                    edition == Edition.Oss
                        ? "The open-source gateway does not read it."
                        : "The portal offers it to the open-source gateway only."
                );
                variables.Remove(key);
            }
        }

        foreach (var variable in variables.Values.Where(v => v.IsSecret && VariableReader.HasRawPassword(v.Text)))
        {
            Problems.Add(
                new(
                    $"spec.secrets.{variable.Key}",
                    $"The password in this address{(variable.Leaf is { } leaf ? $" ({leaf.Path})" : "")} has characters that end it early. Write @ as %40, : as %3A, / as %2F, # as %23 and ? as %3F, and give it again."
                )
            );
        }

        return (
            variables
                .Values.Where(v => !v.IsSecret && v.Text != SettingsCatalog.ByKey.GetValueOrDefault(v.Key)?.View.Default)
                .ToDictionary(v => v.Key, v => v.Text, StringComparer.Ordinal),
            variables.Values.Where(v => v.IsSecret).ToDictionary(v => v.Key, v => v.Text, StringComparer.Ordinal)
        );
    }

    private static string? Unusable(string text, Setting? setting, bool isSecret)
    {
        if (text.Length > 2 && text[0] == '<' && text[^1] == '>' && !text.StartsWith("<path:", StringComparison.Ordinal))
        {
            return "It is a placeholder of the guide, not a value.";
        }

        var isAddress = setting?.Pattern is "redis-url" or "mongo-url" or "http-url";
        return
            (
                isAddress ? ForeignReferences.OfAddress(text)
                : isSecret ? ForeignReferences.OfSecret(text)
                : ForeignReferences.Of(text)
            )
                is { } of
            ? $"It is a reference of {of}, not a value, and was not stored. Give the value itself{(isSecret ? ", or keep it in a Secret of the namespace and name that under envFrom" : "")}."
            : null;
    }

    private string Translated(string written, ValueNode value)
    {
        azureNames |=
            written.StartsWith("AZURE_STORAGE", StringComparison.Ordinal)
            || written.StartsWith("AZURE_CONTAINER", StringComparison.Ordinal);
        cosmosNames |= written.StartsWith("COSMOS_", StringComparison.Ordinal);
        if (
            SettingsCatalog.ByKey.ContainsKey(written)
            || (ByGuideName.TryGetValue(written, out var setting) ? setting.Key : OtherNames.GetValueOrDefault(written)) is not { } key
        )
        {
            return written;
        }

        account.Correct(value, written, key, "The guide's name; the chart and the gateway read the other.");
        return key;
    }

    private void LogStore()
    {
        var store = Value("LOG_STORE");
        if (
            azureNames
            && variables.ContainsKey("AZURE_STORAGE_ACCOUNT")
            && store is "s3" or "azure_blob" or "blob"
            && !variables.ContainsKey("LOG_STORE_GENERATIONS_BUCKET")
        )
        {
            Correct("LOG_STORE", store, "azure", "The guide calls Azure Blob Storage s3; the gateway calls it azure.");
        }
        else if (store is "cosmos" or "cosmosdb" || (cosmosNames && store.Length == 0 && variables.ContainsKey("MONGO_DB_CONNECTION_URL")))
        {
            Correct("LOG_STORE", store, "mongo", "Cosmos DB is reached through its MongoDB interface.");
        }
    }

    private void Cache()
    {
        var url = Value("REDIS_URL");
        if (blank.ContainsKey("CACHE_STORE") && url.Length > 0 && url != BuiltInRedis)
        {
            Correct("CACHE_STORE", "", "custom", "The guide leaves it blank for a Redis of your own; the gateway wants the word custom.");
        }

        if (url == BuiltInRedis && Value("CACHE_STORE") is "" or "redis")
        {
            account.Drop(Remove("REDIS_URL"), "It is the chart's own Redis, which has no password; CACHE_STORE redis means it.");
        }
        else if (url.StartsWith("rediss://", StringComparison.Ordinal) && Value("REDIS_TLS_ENABLED") != "true")
        {
            Correct("REDIS_TLS_ENABLED", Value("REDIS_TLS_ENABLED"), "true", "REDIS_URL starts with rediss://, which is TLS.");
        }
        else if (
            url.StartsWith("redis://", StringComparison.Ordinal)
            && Value("REDIS_TLS_ENABLED") == "true"
            && variables["REDIS_URL"] is { Leaf: var leaf } written
        )
        {
            // TLS is meant, whichever of the two says so: what protects is never turned off.
            account.Correct(leaf, "redis://", "rediss://", "REDIS_TLS_ENABLED is true, and rediss:// is how an address says that.");
            variables["REDIS_URL"] = written with { Text = $"rediss://{url["redis://".Length..]}" };
        }
    }

    private void Rest()
    {
        if (Value("SERVER_MODE") == "gateway")
        {
            Correct("SERVER_MODE", "gateway", "", "The word gateway switches the gateway off; empty means the AI gateway alone.");
            variables.Remove("SERVER_MODE");
        }

        if (variables.ContainsKey("VECTOR_STORE_ADDRESS") && !variables.ContainsKey("VECTOR_STORE"))
        {
            Correct("VECTOR_STORE", "", "pinecone", "The guide implies it by its PINECONE_ names; the gateway wants it explicit.");
        }

        if (variables.ContainsKey("SEMANTIC_CACHE_EMBEDDING_API_KEY") && !variables.ContainsKey("SEMANTIC_CACHE_EMBEDDING_PROVIDER"))
        {
            Correct(
                "SEMANTIC_CACHE_EMBEDDING_PROVIDER",
                "",
                "openai",
                "The guide implies it by its SEMCACHE_OPENAI_ names; the gateway wants it explicit."
            );
        }

        if (Value("PORT") is { Length: > 0 } port && port != "8787")
        {
            Correct("PORT", port, "8787", "Every image listens on 8787.");
        }
    }

    private void Correct(string key, string was, string now, string why)
    {
        var leaf = variables.GetValueOrDefault(key)?.Leaf ?? blank.GetValueOrDefault(key);
        var (before, after) = (was.Length == 0 ? "nothing" : was, now.Length == 0 ? "nothing" : now);
        if (leaf is null)
        {
            account.Note(new Correction(key, before, after, why));
        }
        else
        {
            account.Correct(leaf, before, after, why);
        }

        variables[key] = new(key, now, leaf, IsSecret: false);
    }
}
