using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Portkey.Portal.Shared;

/// <summary>
/// Stands in for Azure's management API, https://management.azure.com, as far as the keys of storage accounts go: listKeys and
/// regenerateKey of api-version 2023-05-01, with its errors.
/// </summary>
public sealed class StorageAccounts
{
    public const string Host = "management.azure.com";
    public const string Subscription = "6f1d9d5e-31f7-4c11-9c3e-00000000000a";
    public const string ResourceGroup = "rg-gateways";
    private const string Version = "2023-05-01";

    private readonly ConcurrentDictionary<string, Dictionary<string, string>> accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(int Status, string Code, int? RetryAfter)> faults = new();
    private readonly ConcurrentQueue<string> regenerated = new();

    /// <summary>Keys that were made anew, in order: <c>account/key1</c>.</summary>
    public IReadOnlyCollection<string> Regenerated => regenerated;

    /// <summary>Makes an account with two keys.</summary>
    public void Add(string account) => accounts[account] = new(StringComparer.Ordinal) { ["key1"] = NewKey(), ["key2"] = NewKey() };

    public string Key(string account, string key)
    {
        lock (accounts)
        {
            return accounts[account][key];
        }
    }

    /// <summary>The next calls that prove who they are fail; 0 breaks the connection, -1 breaks it after a key was made anew.</summary>
    public void Fail(int status, string code = "", int calls = 1, int? retryAfter = null)
    {
        for (var i = 0; i < calls; i++)
        {
            faults.Enqueue((status, code, retryAfter));
        }
    }

    internal async Task HandleAsync(HttpContext context, KeyVaultSignIn signIn, KeyVaultLog log)
    {
        var (request, at) = (context.Request, log.Now);
        var (status, body) = await AnswerAsync(context, signIn);
        if (status == 0)
        {
            context.Abort();
        }
        else
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(body.ToJsonString());
        }

        log.Add(new KeyVaultCall(request.Host.Host, request.Method, request.Path.Value ?? "", status, at));
    }

    private async Task<(int Status, JsonNode Body)> AnswerAsync(HttpContext context, KeyVaultSignIn signIn)
    {
        var (request, header) = (context.Request, context.Request.Headers.Authorization.ToString());
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || !signIn.Knows(header["Bearer ".Length..], Host))
        {
            return Error(401, "InvalidAuthenticationToken", "The access token is invalid.");
        }

        var late = false;
        if (
            faults.TryPeek(out var fault)
            && (fault.Status != -1 || request.Path.Value!.EndsWith("/regenerateKey", StringComparison.Ordinal))
            && faults.TryDequeue(out fault)
        )
        {
            if (fault.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString();
            }

            if (fault.Status is 301 or 302 or 307)
            {
                context.Response.Headers.Location = "https://elsewhere.example.org/";
            }

            late = fault.Status == -1;
            if (!late)
            {
                return Error(fault.Status, fault.Code, "The test told it to.");
            }
        }

        if (request.Query["api-version"] != Version)
        {
            return Error(400, "InvalidApiVersionParameter", "The api-version is invalid.");
        }

        if (
            !HttpMethods.IsPost(request.Method)
            || request.Path.Value!.Split('/')
                is not [
                    "",
                    "subscriptions",
                    var subscription,
                    "resourceGroups",
                    var group,
                    "providers",
                    "Microsoft.Storage",
                    "storageAccounts",
                    var name,
                    var action,
                ]
        )
        {
            return Error(404, "InvalidResourceType", "The resource type could not be found.");
        }

        if (subscription != Subscription)
        {
            return Error(404, "SubscriptionNotFound", "The subscription could not be found.");
        }

        if (group != ResourceGroup || !accounts.TryGetValue(name, out var keys))
        {
            return Error(404, group != ResourceGroup ? "ResourceGroupNotFound" : "ResourceNotFound", "It was not found.");
        }

        if (action == "regenerateKey")
        {
            using var body = await JsonDocument.ParseAsync(request.Body);
            var key = body.RootElement.GetProperty("keyName").GetString()!;
            lock (accounts)
            {
                if (!keys.ContainsKey(key))
                {
                    return Error(400, "InvalidKeyName", "The key name is invalid.");
                }

                keys[key] = NewKey();
            }

            regenerated.Enqueue($"{name}/{key}");
        }
        else if (action != "listKeys")
        {
            return Error(404, "InvalidResourceType", "The action could not be found.");
        }

        lock (accounts)
        {
            return late
                ? (0, new JsonObject())
                : (
                    200,
                    new JsonObject
                    {
                        ["keys"] = new JsonArray([
                            .. keys.Select(k =>
                                (JsonNode)
                                    new JsonObject
                                    {
                                        ["creationTime"] = "2026-01-01T00:00:00Z",
                                        ["keyName"] = k.Key,
                                        ["value"] = k.Value,
                                        ["permissions"] = "FULL",
                                    }
                            ),
                        ]),
                    }
                );
        }
    }

    private static (int Status, JsonNode Body) Error(int status, string code, string message) =>
        (
            status,
            new JsonObject
            {
                ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
            }
        );

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
}
