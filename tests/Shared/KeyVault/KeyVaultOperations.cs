using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Portkey.Portal.Shared;

/// <summary>The operations on secrets, one method each.</summary>
internal static class KeyVaultOperations
{
    private const int LongestValue = 25 * 1024;

    public static KeyVaultAnswer Run(KeyVaultStore store, HttpRequest request, JsonNode? body)
    {
        var path = (request.Path.Value ?? "").Trim('/').Split('/');
        var (host, name) = (request.Host.Host, path.ElementAtOrDefault(1) ?? "");
        lock (store.Gate)
        {
            return (request.Method, path[0], path.Length, path.ElementAtOrDefault(2)) switch
            {
                ("GET", "secrets", 1, _) => List(store, request, [.. store.Secrets.Select(s => (s.Key, s.Value[^1]))], withVersion: false),
                ("GET", "secrets", 3, "versions") => store.Secrets.TryGetValue(name, out var all)
                    ? List(store, request, [.. all.Select(v => (name, v))], withVersion: true)
                    : List(store, request, [], withVersion: true),
                ("GET", "secrets", 2 or 3, var version) => Get(store, host, name, version ?? ""),
                ("PUT", "secrets", 2, _) => Set(store, host, name, body),
                ("PATCH", "secrets", 3, { } version) => Update(store, host, name, version, body),
                ("DELETE", "secrets", 2, _) => Delete(store, host, name),
                ("GET", "deletedsecrets", 2, _) => store.Deleted.TryGetValue(name, out var gone)
                    ? KeyVaultAnswer.Ok(DeletedBundle(store, host, name, gone))
                    : NotFound("Deleted Secret not found: " + name),
                ("DELETE", "deletedsecrets", 2, _) => Purge(store, name),
                ("POST", "deletedsecrets", 3, "recover") => Recover(store, host, name),
                _ => KeyVaultAnswer.Error(404, "NotFound", "There is no such operation."),
            };
        }
    }

    private static KeyVaultAnswer Get(KeyVaultStore store, string host, string name, string version) =>
        store.Find(name, version) switch
        {
            null => NotFound($"A secret with (name/id) {name}/{version} was not found in this key vault."),
            { IsEnabled: false } => KeyVaultAnswer.Error(
                403,
                "Forbidden",
                "Operation get is not allowed on a disabled secret.",
                "SecretDisabled"
            ),
            var found => KeyVaultAnswer.Ok(store.Bundle(host, name, found, withVersion: true, withValue: true)),
        };

    private static KeyVaultAnswer Set(KeyVaultStore store, string host, string name, JsonNode? body)
    {
        if (store.Deleted.ContainsKey(name))
        {
            return KeyVaultAnswer.Error(
                409,
                "Conflict",
                $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.",
                "ObjectIsDeletedButRecoverable"
            );
        }

        if (
            name.Length > 127
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            || (string?)body?["value"] is not { } value
            || Encoding.UTF8.GetByteCount(value) > LongestValue
        )
        {
            return KeyVaultAnswer.Error(400, "BadParameter", "The request URI or its value is not valid.");
        }

        var version = new KeyVaultVersion { Id = Guid.NewGuid().ToString("n"), Value = value };
        Change(version, body!);
        if (!store.Secrets.TryGetValue(name, out var versions))
        {
            store.Secrets[name] = versions = [];
        }

        versions.Add(version);
        return KeyVaultAnswer.Ok(store.Bundle(host, name, version, withVersion: true, withValue: true));
    }

    private static KeyVaultAnswer Update(KeyVaultStore store, string host, string name, string version, JsonNode? body)
    {
        if (store.Find(name, version) is not { } found)
        {
            return NotFound($"A secret with (name/id) {name}/{version} was not found in this key vault.");
        }

        Change(found, body ?? new JsonObject());
        return KeyVaultAnswer.Ok(store.Bundle(host, name, found, withVersion: true, withValue: false));
    }

    private static KeyVaultAnswer Delete(KeyVaultStore store, string host, string name)
    {
        if (!store.Secrets.Remove(name, out var versions))
        {
            return NotFound(
                $"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command."
            );
        }

        store.Deleted[name] = versions;
        return KeyVaultAnswer.Ok(DeletedBundle(store, host, name, versions));
    }

    private static KeyVaultAnswer Purge(KeyVaultStore store, string name) =>
        store.Server.IsPurgeProtected
            ? KeyVaultAnswer.Error(
                403,
                "Forbidden",
                "Operation \"purge\" is not allowed because purge protection is enabled for this vault.",
                "ForbiddenByPolicy"
            )
        : store.Deleted.Remove(name) ? new KeyVaultAnswer(204, null)
        : NotFound("Deleted Secret not found: " + name);

    private static KeyVaultAnswer Recover(KeyVaultStore store, string host, string name)
    {
        if (!store.Deleted.Remove(name, out var versions))
        {
            return NotFound("Deleted Secret not found: " + name);
        }

        store.Secrets[name] = versions;
        return KeyVaultAnswer.Ok(store.Bundle(host, name, versions[^1], withVersion: true, withValue: false));
    }

    private static KeyVaultAnswer List(
        KeyVaultStore store,
        HttpRequest request,
        List<(string Name, KeyVaultVersion Version)> rows,
        bool withVersion
    )
    {
        var start = int.TryParse(request.Query["$skiptoken"], CultureInfo.InvariantCulture, out var skip) ? skip : 0;
        var host = request.Host.Host;
        var end = start + store.Server.PageSize;
        var page = rows.Skip(start)
            .Take(store.Server.PageSize)
            .Select(r => (JsonNode?)store.Bundle(host, r.Name, r.Version, withVersion, withValue: false));
        return KeyVaultAnswer.Ok(
            new JsonObject
            {
                ["value"] = new JsonArray([.. page]),
                ["nextLink"] =
                    end < rows.Count
                        ? $"https://{host}{request.Path}?api-version={request.Query["api-version"]}&$skiptoken={end.ToString(CultureInfo.InvariantCulture)}"
                        : null,
            }
        );
    }

    private static void Change(KeyVaultVersion version, JsonNode body)
    {
        version.ContentType = (string?)body["contentType"] ?? version.ContentType;
        version.IsEnabled = (bool?)body["attributes"]?["enabled"] ?? version.IsEnabled;
        version.Expires = (long?)body["attributes"]?["exp"] ?? version.Expires;
        version.Tags = body["tags"] is JsonObject tags
            ? tags.ToDictionary(t => t.Key, t => (string?)t.Value ?? "", StringComparer.Ordinal)
            : version.Tags;
    }

    private static JsonObject DeletedBundle(KeyVaultStore store, string host, string name, List<KeyVaultVersion> versions)
    {
        var bundle = store.Bundle(host, name, versions[^1], withVersion: true, withValue: false);
        var now = DateTimeOffset.UtcNow;
        bundle["recoveryId"] = $"https://{host}/deletedsecrets/{name}";
        bundle["deletedDate"] = now.ToUnixTimeSeconds();
        bundle["scheduledPurgeDate"] = now.AddDays(90).ToUnixTimeSeconds();
        return bundle;
    }

    private static KeyVaultAnswer NotFound(string message) => KeyVaultAnswer.Error(404, "SecretNotFound", message);
}
