using System.Text;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Credentials;

/// <summary>Secrets go in and never come out.</summary>
internal static class SecretsApi
{
    private static readonly Parameter<DateTime?> Expires = Parameters.Day(
        "expires",
        "When the value expires, where that is known: a day such as 2027-01-31, or a time."
    );

    public static void MapSecrets(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/environments/{id:guid}/secrets").WithTags("Secrets");
        group
            .MapGet(
                "",
                async Task<Page<SecretView>> (HttpContext http, EnvironmentService environments, Guid id) =>
                    ApiSetup.Whole(await environments.SecretsAsync(http.Caller(), id, http.RequestAborted))
            )
            .Tagged()
            .WithName("ListSecrets")
            .WithSummary("Names, versions and dates; never a value.");
        group
            .MapPut(
                "/{key}",
                async Task<SecretVersionShape> (HttpContext http, EnvironmentService environments, Guid id, string key) =>
                    new(
                        key,
                        await environments.PutSecretAsync(
                            http.Caller(),
                            id,
                            key,
                            Checked(await ApiBody.TextAsync(http, "value")),
                            Expires.Of(http),
                            http.RequestAborted
                        )
                    )
            )
            .Takes(Expires)
            .TakesText("The new value, exactly as sent.", "redis://cache.example.com:6379")
            .WithName("PutSecret")
            .WithSummary("Stores a new value; it is used once a rotate request is approved.");
    }

    /// <summary>A value within the limits of every vault; the message never quotes it.</summary>
    public static SecretValue Checked(string value)
    {
        var problem = value switch
        {
            "" => "It is empty.",
            _ when Encoding.UTF8.GetByteCount(value) is > Longest.Secret and var size =>
                $"It has {size} bytes; at most {Longest.Secret} are taken.",
            _ when value.Contains('\0', StringComparison.Ordinal) => "It holds a NUL character.",
            _ => null,
        };
        return problem is null ? new SecretValue(value) : throw new InvalidInputException("value", problem);
    }
}

/// <summary>What was stored.</summary>
internal sealed record SecretVersionShape(string Key, string Version);
