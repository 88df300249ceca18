using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Portkey.Portal.Shared;

/// <summary>Microsoft's sign-in service as far as a workload identity needs it: a federated token of a service account for a bearer
/// token.</summary>
public sealed class KeyVaultSignIn
{
    public const string Tenant = "6f1d9d5e-31f7-4c11-9c3e-000000000001";
    public const string Client = "6f1d9d5e-31f7-4c11-9c3e-000000000002";
    private const string Assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private readonly ConcurrentDictionary<string, string> issued = new(StringComparer.Ordinal);

    /// <summary>What the service account shows.</summary>
    public string FederatedToken { get; } = "federated." + Guid.NewGuid().ToString("n");

    /// <summary>Tenant that the vaults name in their challenge.</summary>
    public string VaultTenant { get; set; } = Tenant;

    /// <summary>Whether the identity has no federated credential for this service account.</summary>
    public bool RefusesFederation { get; set; }

    /// <summary>Takes back every token, as when they expire.</summary>
    public void Revoke() => issued.Clear();

    internal bool Knows(string token, string audience = KeyVaultServer.VaultDomain) =>
        issued.TryGetValue(token, out var known) && known == audience;

    internal async Task HandleAsync(HttpContext context, KeyVaultLog log)
    {
        var (request, at) = (context.Request, log.Now);
        if (request.Path.Value is "/common/discovery/instance")
        {
            await context.Response.WriteAsJsonAsync(
                new
                {
                    tenant_discovery_endpoint = $"https://{KeyVaultServer.SignInHost}/{Tenant}/v2.0/.well-known/openid-configuration",
                    metadata = new[]
                    {
                        new
                        {
                            preferred_network = KeyVaultServer.SignInHost,
                            preferred_cache = KeyVaultServer.SignInHost,
                            aliases = new[] { KeyVaultServer.SignInHost },
                        },
                    },
                }
            );
        }
        else if (HttpMethods.IsPost(request.Method) && request.Path.Value?.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal) == true)
        {
            await TokenAsync(context);
        }
        else
        {
            context.Response.StatusCode = 404;
        }

        log.Add(new KeyVaultCall(request.Host.Host, request.Method, request.Path.Value ?? "", context.Response.StatusCode, at));
    }

    private static string AudienceOf(string scope) =>
        new[] { KeyVaultServer.VaultDomain, StorageAccounts.Host }.FirstOrDefault(a => scope == $"https://{a}/.default") ?? "";

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var (code, text) =
            context.Request.Path.Value!.Split('/')[1] != Tenant ? (90002, "Tenant not found.")
            : form["client_id"] != Client ? (700016, "Application was not found in the directory.")
            : form["grant_type"] != "client_credentials" || AudienceOf(form["scope"].ToString()).Length == 0
                ? (70011, "The provided value for scope is not valid.")
            : form["client_assertion_type"] != Assertion || form["client_assertion"] != FederatedToken || RefusesFederation
                ? (700213, "No matching federated identity record found for presented assertion subject.")
            : (0, "");
        if (code != 0)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(
                new
                {
                    error = "invalid_client",
                    error_description = $"AADSTS{code}: {text} Trace ID: 0",
                    error_codes = new[] { code },
                    correlation_id = Guid.NewGuid(),
                }
            );
            return;
        }

        var token = "bearer." + Guid.NewGuid().ToString("n");
        issued[token] = AudienceOf(form["scope"].ToString());
        await context.Response.WriteAsJsonAsync(
            new
            {
                token_type = "Bearer",
                expires_in = 3599,
                ext_expires_in = 3599,
                access_token = token,
            }
        );
    }
}
