namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Finds the environment variables of a values file, wherever charts and people put them.</summary>
internal sealed class ImportedVariables(Account account, ScalarReader scalars, ImportedSettings settings)
{
    private readonly List<string> sources = [];

    /// <summary>Takes all of them; answers with names of Secrets that a team keeps in the namespace and takes further ones from.</summary>
    public IReadOnlyList<string> Take(ValueNode root)
    {
        var environment = root["environment"];
        Held(environment?["data"]);
        if (environment?["secret"] is { Kind: not ValueKind.Scalar } inSecret)
        {
            Held(inSecret); // some charts of others have a map of secrets here, where Portkey's have a flag
        }

        // KEY=value lines by themselves, without any chart around them.
        foreach (var (key, value) in root.Entries.Where(e => IsLone(e.Key)))
        {
            settings.Take(key, value);
        }

        Held(root["commonEnv"]);
        Held(root["extraEnv"]);
        Existing(environment);
        ExternalRedis(root.At("redis", "external"));
        settings.SetIfAbsent("FINETUNES_BUCKET", Filled(root.At("dataservice", "finetuneBucket")));
        settings.SetIfAbsent("LOG_EXPORTS_BUCKET", Filled(root.At("dataservice", "logexportsBucket")));
        return sources;
    }

    private static ValueNode? Filled(ValueNode? leaf) => leaf is { IsEmpty: false } ? leaf : null;

    private static bool IsLone(string key) => key.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');

    private void Held(ValueNode? holder)
    {
        foreach (var (key, value) in holder?.Entries ?? [])
        {
            settings.Take(key, value);
        }

        foreach (var entry in holder?.Items ?? [])
        {
            Listed(entry);
        }
    }

    // As Kubernetes lists them: {name, value} or {name, valueFrom: {secretKeyRef: {name, key}}}.
    private void Listed(ValueNode entry)
    {
        if (entry["name"] is not { Text: { Length: > 0 } name } leaf)
        {
            account.Drop(entry, "An entry of a list of variables has a name and a value.");
            return;
        }

        if (entry["value"] is { } value)
        {
            value.NamedBy = leaf;
            settings.Take(name, value);
        }
        else if (
            entry.At("valueFrom", "secretKeyRef") is { } secret
            && secret["name"]?.Text is { Length: > 0 } from
            && secret["key"]?.Text == name
        )
        {
            account.Keep(entry, "envFrom.secrets");
            sources.Add(from);
        }
        else if (entry["valueFrom"] is not null)
        {
            account.Drop(
                entry,
                "It comes from another object, under another name. Give the value itself, or keep it in a Secret under the variable's name and name that under envFrom."
            );
        }
        else
        {
            account.Keep(leaf, $"settings.{name} (empty)");
        }
    }

    private void Existing(ValueNode? environment)
    {
        if (environment?["existingSecret"] is not { IsEmpty: false } existing)
        {
            account.Keep(environment?["secretKeys"] is { IsEmpty: true } none ? none : null, "secrets");
            return;
        }

        if (ImportedWorkload.IsOwnSource(existing.Text))
        {
            account.Keep(existing, "written by the portal itself");
            account.Keep(environment["secretKeys"], "written by the portal itself");
        }
        else if (scalars.Text(existing, "envFrom.secrets") is { } name)
        {
            sources.Add(name);
            account.Keep(environment["secretKeys"], "envFrom.secrets");
        }
    }

    // The layout of airs-gw: https://github.com/Portkey-AI/airs-gw-helm/blob/main/charts/airs-gw/docs/Redis.md
    private void ExternalRedis(ValueNode? external)
    {
        if (external is null)
        {
            return;
        }

        if (scalars.Flag(external["enabled"], "settings.CACHE_STORE") != true)
        {
            foreach (var leaf in external.Leaves().Where(l => !account.Has(l)))
            {
                account.Drop(leaf, "redis.external is switched off.");
            }

            return;
        }

        settings.SetIfAbsent("REDIS_URL", external["connectionUrl"]);
        settings.SetIfAbsent("REDIS_TLS_ENABLED", external["tlsEnabled"]);
        if (external["mode"]?.Text == "standalone")
        {
            account.Keep(external["mode"], "settings.REDIS_MODE (empty)");
        }
        else
        {
            settings.SetIfAbsent("REDIS_MODE", external["mode"]);
        }

        settings.SetIfAbsent("CACHE_STORE", external["store"]);
        settings.CustomStore(external["enabled"]);
        if (scalars.Text(external["existingSecretName"], "envFrom.secrets") is { } name)
        {
            sources.Add(name);
        }
    }
}
