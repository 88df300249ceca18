using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Portkey.Portal.Shared;

/// <summary>An answer of the vault.</summary>
internal sealed record KeyVaultAnswer(int Status, JsonNode? Body)
{
    public static KeyVaultAnswer Ok(JsonNode body) => new(200, body);

    public static KeyVaultAnswer Error(int status, string code, string message, string inner = "") =>
        new(
            status,
            new JsonObject
            {
                ["error"] =
                    inner.Length == 0
                        ? new JsonObject { ["code"] = code, ["message"] = message }
                        : new JsonObject
                        {
                            ["code"] = code,
                            ["message"] = message,
                            ["innererror"] = new JsonObject { ["code"] = inner },
                        },
            }
        );
}

/// <summary>Key Vault's REST protocol up to the door: challenge, token, faults and log. Behind it are
/// <see cref="KeyVaultOperations"/>.</summary>
internal sealed class KeyVaultProtocol(KeyVaultSignIn signIn, KeyVaultFaults faults, KeyVaultLog log, Func<string, KeyVaultStore> stores)
{
    public async Task HandleAsync(HttpContext context)
    {
        var (request, at) = (context.Request, log.Now);
        var status = await AnswerAsync(context);
        log.Add(new KeyVaultCall(request.Host.Host, request.Method, request.Path.Value ?? "", status, at));
    }

    private async Task<int> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers["x-ms-keyvault-service-version"] = "1.9.0.0";
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        if (!IsSignedIn(request))
        {
            context.Response.Headers.WWWAuthenticate =
                $"Bearer authorization=\"https://{KeyVaultServer.SignInHost}/{signIn.VaultTenant}\", resource=\"https://{KeyVaultServer.VaultDomain}\"";
            return await WriteAsync(
                context,
                KeyVaultAnswer.Error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
            );
        }

        if (faults.Take() is { } fault)
        {
            return await FailAsync(context, fault);
        }

        if (!request.Query.ContainsKey("api-version"))
        {
            return await WriteAsync(context, KeyVaultAnswer.Error(400, "BadParameter", "api-version must be specified"));
        }

        JsonNode? body;
        try
        {
            body =
                request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0 ? await JsonNode.ParseAsync(request.Body) : null;
        }
        catch (JsonException)
        {
            return await WriteAsync(context, KeyVaultAnswer.Error(400, "BadParameter", "The body is not JSON."));
        }

        return await WriteAsync(context, KeyVaultOperations.Run(stores(request.Host.Host), request, body));
    }

    private bool IsSignedIn(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header
        && header.StartsWith("Bearer ", StringComparison.Ordinal)
        && signIn.Knows(header["Bearer ".Length..]);

    private static async Task<int> FailAsync(HttpContext context, KeyVaultFault fault)
    {
        switch (fault.Status)
        {
            case 0:
                context.Abort();
                return 0;
            case -1:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 0;
        }

        if (fault.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        if (fault.Body is not { } text)
        {
            return await WriteAsync(context, KeyVaultAnswer.Error(fault.Status, fault.Code, fault.Message, fault.InnerCode));
        }

        using var reader = new StreamReader(context.Request.Body);
        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync(text.Replace("{body}", await reader.ReadToEndAsync(), StringComparison.Ordinal));
        return fault.Status;
    }

    private static async Task<int> WriteAsync(HttpContext context, KeyVaultAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.Body is { } body)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(body.ToJsonString());
        }

        return answer.Status;
    }
}
