using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>
/// What Azure's libraries throw, as a <see cref="VaultException"/> that says what to do. Their exceptions are not handed on: their text
/// quotes what a server answered, and a server between may quote what it was sent.
/// </summary>
internal sealed partial class KeyVaultErrors(string host, TimeSpan limit)
{
    private const string Role = "'Key Vault Secrets Officer'";

    public VaultException Of(Exception problem, string name, string verb) =>
        problem switch
        {
            VaultException known => known,

            // After its last retry the library throws all attempts together; the last one counts.
            AggregateException many => Of(many.InnerExceptions[^1], name, verb),
            RequestFailedException { Status: > 0 } refused => OfAnswer(refused, name, verb),
            CredentialUnavailableException => new(
                VaultFailure.Forbidden,
                "The portal has no identity in Azure. In AKS label its pod azure.workload.identity/use=true and annotate its service account with the client id; on a laptop run az login."
            ),
            AuthenticationFailedException => OfSignIn(problem),
            OperationCanceledException or TimeoutException => new(
                VaultFailure.Unavailable,
                $"Key Vault {host} did not answer within {limit.TotalSeconds:0.#} s. Try again; if this persists, check the network between the portal and the vault."
            ),
            InvalidOperationException => new(
                VaultFailure.Forbidden,
                $"{host} answers, but asks for a sign-in to a domain other than its own, so no token was sent. Check the address of the vault in the configuration."
            ),
            JsonException => new(
                VaultFailure.Unavailable,
                $"{host} answers, but not as a Key Vault does. Check the address of the vault in the configuration, and what is in between."
            ),
            _ => OfNetwork(problem),
        };

    private VaultException OfAnswer(RequestFailedException refused, string name, string verb)
    {
        var (code, inner) = CodesOf(refused);
        var secret = name.Length > 0 ? $"Secret '{name}'" : "The list of secrets";
        return refused.Status switch
        {
            404 when code == "SecretNotFound" => new(
                VaultFailure.NotFound,
                $"{secret} is not in Key Vault {host}, or has no such version there."
            ),
            404 => new(
                VaultFailure.Unavailable,
                $"{host} answers, but has no such vault. Check the address of the vault in the configuration."
            ),
            403 when inner == "SecretDisabled" => new(VaultFailure.Disabled, $"This version of {secret} is disabled in Key Vault {host}."),
            403 when inner is "ForbiddenByFirewall" or "ForbiddenByConnection" => new(
                VaultFailure.Forbidden,
                $"The firewall of Key Vault {host} blocks the portal. Allow the portal's network, or give it a private endpoint."
            ),
            403 when inner is "ForbiddenByPolicy" or "AccessDenied" => new(
                VaultFailure.Forbidden,
                $"The access policy of Key Vault {host} does not let the portal's identity {verb} secrets. Add that permission, or have the vault use roles and assign {Role}."
            ),
            403 => new(
                VaultFailure.Forbidden,
                $"The portal's identity may not {verb} secrets in Key Vault {host}. Assign it the role {Role} there; it takes some minutes to take effect."
            ),
            401 => new(
                VaultFailure.Forbidden,
                $"Key Vault {host} does not accept the portal's token. The vault is probably in another tenant than the identity: compare {VaultOptions.Section}:TenantId with the vault's."
            ),
            409 when inner == "ObjectIsDeletedButRecoverable" => new(
                VaultFailure.Conflict,
                $"A deleted secret '{name}' is still kept by Key Vault {host}, so its name is taken. Recover it (az keyvault secret recover), or purge it where the vault allows that."
            ),
            409 => new(VaultFailure.Unavailable, $"Key Vault {host} is busy with secret '{name}' just now. Try again in a minute."),
            429 => new(
                VaultFailure.Throttled,
                $"Key Vault {host} takes no more calls for now. Try again in a minute; if this persists, something else uses up its limit."
            ),
            >= 500 or 408 => new(VaultFailure.Unavailable, $"Key Vault {host} failed with status {refused.Status}. Try again in a minute."),
            _ => new(
                VaultFailure.Forbidden,
                $"Key Vault {host} refused with status {refused.Status}{(Word().IsMatch(code) ? $" ({code})" : "")}."
            ),
        };
    }

    private VaultException OfSignIn(Exception problem)
    {
        if (Inner<HttpRequestException>(problem) is not null || Inner<SocketException>(problem) is not null)
        {
            return new(
                VaultFailure.Unavailable,
                "Microsoft's sign-in service cannot be reached, so the vault cannot be used. Check the portal's outbound network."
            );
        }

        var said = Said(problem);
        if (said.Contains("not configured to acquire tokens for tenant", StringComparison.Ordinal))
        {
            return new(
                VaultFailure.Forbidden,
                $"Key Vault {host} is in another tenant than the portal's identity. Correct {VaultOptions.Section}:TenantId or the vault's address."
            );
        }

        var code = SignInCode().Match(said) is { Success: true } found ? $" ({found.Value})" : "";
        return new(
            VaultFailure.Forbidden,
            $"Azure does not sign the portal in{code}. Check {VaultOptions.Section}:TenantId and ClientId, and the identity's federated credential for the portal's service account; on a laptop run az login again."
        );
    }

    private VaultException OfNetwork(Exception problem)
    {
        if (Inner<AuthenticationException>(problem) is not null)
        {
            return new(
                VaultFailure.Unavailable,
                $"The portal does not trust the certificate of {host}. Something is in between: let the vault's traffic through as it is, or name its authority in SSL_CERT_FILE."
            );
        }

        return Inner<SocketException>(problem) switch
        {
            { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new(
                VaultFailure.Unavailable,
                $"The name {host} is not known. Check the address of the vault in the configuration; a vault with a private endpoint needs its private DNS zone."
            ),
            { SocketErrorCode: var error } => new(
                VaultFailure.Unavailable,
                $"Key Vault {host} cannot be reached, or broke the connection ({error}). Check the network between the portal and the vault."
            ),
            null => new(
                VaultFailure.Unavailable,
                $"Key Vault {host} cannot be reached, or broke the connection ({problem.GetType().Name}). Check the network between the portal and the vault."
            ),
        };
    }

    // Azure writes innererror and innerError, by operation.
    private static (string Code, string Inner) CodesOf(RequestFailedException refused)
    {
        try
        {
            using var body = BoundedJson.Document(refused.GetRawResponse()?.Content.ToMemory() ?? default, ReadLimits.Service);
            if (
                body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty("error", out var error)
                && error.ValueKind == JsonValueKind.Object
            )
            {
                var inner =
                    error.TryGetProperty("innererror", out var lower) ? lower
                    : error.TryGetProperty("innerError", out var upper) ? upper
                    : default;
                return (TextOf(error), TextOf(inner));
            }
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException)
        {
            // Not from Key Vault.
        }

        return (refused.ErrorCode ?? "", "");

        static string TextOf(JsonElement element) =>
            element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty("code", out var code)
            && code.ValueKind == JsonValueKind.String
                ? code.GetString()!
                : "";
    }

    private static string Said(Exception? problem)
    {
        var all = "";
        for (; problem is not null; problem = problem.InnerException)
        {
            all += problem.Message + "\n";
        }

        return all;
    }

    private static T? Inner<T>(Exception? problem)
        where T : Exception
    {
        for (; problem is not null; problem = problem.InnerException)
        {
            if (problem is T found)
            {
                return found;
            }
        }

        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z]{1,60}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"AADSTS[0-9]{4,9}")]
    private static partial Regex SignInCode();
}
