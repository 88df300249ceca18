using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Web.Features.Credentials;

/// <summary>New values of secrets: plain form posts, for a value must not pass through a circuit.</summary>
internal static class CredentialForms
{
    public static void MapCredentialForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/environments/{id:guid}/secrets/{key}", StoreSecretAsync);
        forms.MapPost("/credentials", CreateCredentialAsync);
        forms.MapPost("/credentials/{id:guid}/value", StoreCredentialAsync);
    }

    private static Task<IResult> StoreSecretAsync(
        HttpContext http,
        EnvironmentService environments,
        FormProblems problems,
        Guid id,
        string key
    )
    {
        var page = $"/environments/{id}?tab=secrets";
        return FormPost.SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var version = await environments.PutSecretAsync(
                    caller,
                    id,
                    key,
                    SecretsApi.Checked(form["value"].ToString()),
                    FormPost.Expiry(form),
                    http.RequestAborted
                );
                return $"{page}&stored={Uri.EscapeDataString(key)}&version={Uri.EscapeDataString(version)}";
            },
            (_, refused) => $"{page}&problems={refused}"
        );
    }

    /// <summary>A new shared credential. What was typed goes back to the page when it is refused, except the value.</summary>
    private static Task<IResult> CreateCredentialAsync(HttpContext http, SharedCredentials shared, FormProblems problems) =>
        FormPost.SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var wanted = new NewSharedCredential(
                    form["name"].ToString().Trim(),
                    form["key"].ToString(),
                    form["team"].ToString(),
                    FormPost.Expiry(form)
                );
                return $"{PortalUrls.Credential(await shared.CreateAsync(caller, wanted, new SecretValue(form["value"].ToString()), http.RequestAborted))}?stored=v1";
            },
            (form, refused) => PortalUrls.NewSharedCredential(form["name"].ToString().Trim(), form["key"], form["team"], refused)
        );

    private static Task<IResult> StoreCredentialAsync(HttpContext http, SharedCredentials shared, FormProblems problems, Guid id) =>
        FormPost.SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var version = await shared.StoreAsync(
                    caller,
                    id,
                    new SecretValue(form["value"].ToString()),
                    FormPost.Expiry(form),
                    http.RequestAborted
                );
                return $"{PortalUrls.Credential(id)}?stored={Uri.EscapeDataString(version)}";
            },
            (_, refused) => $"{PortalUrls.Credential(id)}?problems={refused}"
        );
}
