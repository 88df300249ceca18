using System.Text;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>Secrets go in and never come out.</summary>
internal static class SecretsApi
{
    public static void MapSecrets(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/environments/{id:guid}/secrets").WithTags("Secrets");
        group.MapGet("", async Task<Page<SecretView>> (HttpContext http, EnvironmentService environments, Guid id) =>
                ApiSetup.Whole(await environments.SecretsAsync(http.Caller(), id, http.RequestAborted)))
            .WithName("ListSecrets").WithSummary("Names, versions and dates; never a value.");
        group.MapPut("/{key}", async Task<SecretVersionShape> (HttpContext http, EnvironmentService environments, Guid id, string key) =>
                new(key, await environments.PutSecretAsync(http.Caller(), id, key, Checked(await ApiBody.TextAsync(http, "value")), Query.Day(http, "expires"), http.RequestAborted)))
            .WithName("PutSecret").WithSummary("Stores a new value, the raw body exactly as sent (text/plain); it is used once a rotate request is approved. With ?expires=2027-01-31 where its expiry is known.");
    }

    /// <summary>A value within the limits of every vault; the message never quotes it.</summary>
    public static SecretValue Checked(string value)
    {
        var problem = value switch
        {
            "" => "It is empty.",
            _ when Encoding.UTF8.GetByteCount(value) is > ProposeParser.LongestSecret and var size => $"It has {size} bytes; at most {ProposeParser.LongestSecret} are taken.",
            _ when value.Contains('\0', StringComparison.Ordinal) => "It holds a NUL character.",
            _ => null,
        };
        return problem is null ? new SecretValue(value) : throw new InvalidInputException("value", problem);
    }
}

/// <summary>What was stored.</summary>
internal sealed record SecretVersionShape(string Key, string Version);
