using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>An environment by id or by name, as people write it.</summary>
internal static class EnvironmentParameter
{
    public static readonly Parameter<string> Declared = Parameters.Text("environment", "Environment, by id or name.");

    public static async Task<Guid?> OfAsync(HttpContext http, EnvironmentService environments)
    {
        if (Declared.Of(http) is not { } text)
        {
            return null;
        }

        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        var found = await environments.ListAsync(
            http.Caller(),
            new EnvironmentFilter(Name: text.ToLowerInvariant(), IncludeDeleted: true),
            new PageRequest(null, 1),
            http.RequestAborted
        );
        return found.Items is [var one, ..] ? one.Id : throw new NotFoundException($"environment '{text}'");
    }
}
