using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Rotations;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Api;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Components.Features.NewRequest;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Forms;

/// <summary>Plain form posts for what must not pass through a circuit: secrets. Each ends with a redirect back to a page.</summary>
internal static class FormEndpoints
{
    private const string SecretPrefix = "secret.";

    public static IServiceCollection AddPortalForms(this IServiceCollection services) => services.AddSingleton<FormProblems>();

    public static void MapPortalForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("/forms").RequireAuthorization().ExcludeFromDescription();
        forms.AddEndpointFilter<KnownPersonFilter>();
        forms.AddEndpointFilter<AntiforgeryFilter>();
        forms.MapPost("/environments/{id:guid}/secrets/{key}", StoreSecretAsync);
        forms.MapPost("/credentials", CreateCredentialAsync);
        forms.MapPost("/credentials/{id:guid}/value", StoreCredentialAsync);
        forms.MapPost("/clusters", RegisterClusterAsync);
        forms.MapPost("/clusters/{name}/kubeconfig", ReplaceKubeconfigAsync);
        forms.MapPost("/requests", ProposeAsync).Renders();
        forms.MapPost("/import", ImportAsync);
        forms.MapPost("/spec", EditSpecAsync);
    }

    private static Task<IResult> StoreSecretAsync(HttpContext http, EnvironmentService environments, FormProblems problems, Guid id, string key)
    {
        var page = $"/environments/{id}?tab=secrets";
        return SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var version = await environments.PutSecretAsync(caller, id, key, SecretsApi.Checked(form["value"].ToString()), Expiry(form), http.RequestAborted);
                return $"{page}&stored={Uri.EscapeDataString(key)}&version={Uri.EscapeDataString(version)}";
            },
            (_, refused) => $"{page}&problems={refused}");
    }

    /// <summary>A new shared credential. What was typed goes back to the page when it is refused, but for the value.</summary>
    private static Task<IResult> CreateCredentialAsync(HttpContext http, SharedCredentials shared, FormProblems problems) => SecretAsync(
        http,
        problems,
        async (caller, form) =>
        {
            var wanted = new NewSharedCredential(form["name"].ToString().Trim(), form["key"].ToString(), form["team"].ToString(), Expiry(form));
            return $"{PortalUrls.Credential(await shared.CreateAsync(caller, wanted, new SecretValue(form["value"].ToString()), http.RequestAborted))}?stored=v1";
        },
        (form, refused) => PortalUrls.NewSharedCredential(form["name"].ToString().Trim(), form["key"], form["team"], refused));

    private static Task<IResult> StoreCredentialAsync(HttpContext http, SharedCredentials shared, FormProblems problems, Guid id) => SecretAsync(
        http,
        problems,
        async (caller, form) =>
        {
            var version = await shared.StoreAsync(caller, id, new SecretValue(form["value"].ToString()), Expiry(form), http.RequestAborted);
            return $"{PortalUrls.Credential(id)}?stored={Uri.EscapeDataString(version)}";
        },
        (_, refused) => $"{PortalUrls.Credential(id)}?problems={refused}");

    private static Task<IResult> ReplaceKubeconfigAsync(HttpContext http, ClusterKubeconfigs kubeconfigs, FormProblems problems, string name) => SecretAsync(
        http,
        problems,
        async (caller, form) =>
        {
            var outcome = await kubeconfigs.ReplaceAsync(caller, name, new SecretValue(form["kubeconfig"].ToString()), http.RequestAborted);
            return outcome.IsApplied ? $"{PortalUrls.Cluster(name)}?replaced=true" : PortalUrls.ChangeOf(outcome.Id);
        },
        (_, refused) => $"{PortalUrls.Cluster(name)}?problems={refused}");

    private static Task<IResult> RegisterClusterAsync(HttpContext http, ClusterRegistration clusters, FormProblems problems) => SecretAsync(
        http,
        problems,
        async (caller, form) =>
        {
            var name = form["name"].ToString().Trim();
            var outcome = await clusters.RegisterAsync(caller, name, new SecretValue(form["kubeconfig"].ToString()), http.RequestAborted);
            return outcome.IsApplied ? PortalUrls.Cluster(name) : PortalUrls.ChangeOf(outcome.Id);
        },
        (form, refused) => PortalUrls.RegisterCluster(form["name"].ToString().Trim(), refused));

    // Takes a secret and goes to a page; what was wrong with it goes back to the page that it came from, under a key.
    private static async Task<IResult> SecretAsync(HttpContext http, FormProblems problems, Func<Caller, IFormCollection, Task<string>> act, Func<IFormCollection, string, string> back)
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        try
        {
            return SeeOther(await act(caller, form));
        }
        catch (Exception e) when (e is not NotFoundException && IsForThePage(e))
        {
            return SeeOther(back(form, problems.Put(caller.PersonId, Problems(http, e))));
        }
    }

    private static DateTime? Expiry(IFormCollection form) => form["expires"].ToString() is not { Length: > 0 } text ? null : Days.Parse(text) ?? throw new InvalidInputException("expires", Days.Wanted);

    /// <summary>A values file, pasted or uploaded. It may hold secrets, so it comes by a plain form and becomes a draft that names them only.</summary>
    private static async Task<IResult> ImportAsync(HttpContext http, ImportService imports, PeopleService people, DraftService drafts, FormProblems problems)
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        try
        {
            var view = await imports.ReadAsync(caller, await TextAsync(form, http.RequestAborted), http.RequestAborted);
            var team = (await people.FindAsync(caller.PersonId, http.RequestAborted))?.Teams is [var first, ..] ? first.Name : "";
            var draft = await drafts.SaveAsync(caller, null, WizardState.Of(view, team).ToJson(), http.RequestAborted);
            return SeeOther(PortalUrls.Import(view.Id, draft));
        }
        catch (Exception e) when (IsForThePage(e))
        {
            return SeeOther($"{PortalUrls.ImportValues}?problems={problems.Put(caller.PersonId, Problems(http, e))}");
        }
    }

    /// <summary>The expert view: the draft's spec as YAML. A plain form, because somebody may paste a secret; that is refused and stored nowhere.</summary>
    private static async Task<IResult> EditSpecAsync(HttpContext http, DraftService drafts, FormProblems problems)
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (!Guid.TryParse(form["draft"], out var draft) || await drafts.LoadAsync(caller, draft, http.RequestAborted) is not { } json)
        {
            throw new NotFoundException("such draft, it may have been submitted already: look under Requests");
        }

        try
        {
            var (spec, secrets) = ApiBody.Parse(Encoding.UTF8.GetBytes(SpecYaml.ToJson(form["text"].ToString())), ProposeParser.ReadSpec);
            if (secrets.Count > 0)
            {
                throw new InvalidInputException([.. secrets.Keys.Select(k => new FieldProblem($"secrets.{k}", "Secrets are entered on the last page, where they go straight to the vault. This one was not kept."))]);
            }

            await drafts.SaveAsync(caller, draft, WizardState.FromJson(json).With(spec).ToJson(), http.RequestAborted);
            return SeeOther(PortalUrls.Wizard(draft, "review"));
        }
        catch (Exception e) when (IsForThePage(e))
        {
            return SeeOther($"{PortalUrls.Wizard(draft, "yaml")}&problems={problems.Put(caller.PersonId, Problems(http, e))}");
        }
    }

    private static async Task<string> TextAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        if (form.Files is not [{ Length: > 0 } file, ..])
        {
            return form["text"].ToString();
        }

        if (file.Length > ImportService.LongestText * 4L)
        {
            throw new InvalidInputException("text", $"The file has {file.Length} bytes; at most {ImportService.LongestText} characters are taken.");
        }

        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>The wizard's last step: everything but the secrets is in the draft, in the shape of a POST /requests body.</summary>
    private static async Task<IResult> ProposeAsync(HttpContext http, RequestService requests, DraftService drafts, FormProblems problems, IMemoryCache cache)
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (!Guid.TryParse(form["draft"], out var draft))
        {
            throw new NotFoundException("such draft");
        }

        var done = ("submitted-draft", caller.PersonId, draft);
        if (cache.TryGetValue(done, out Guid request))
        {
            return SeeOther($"/requests/{request}"); // the second half of a double click
        }

        var json = await drafts.LoadAsync(caller, draft, http.RequestAborted) ?? throw new NotFoundException("such draft, it may have been submitted already: look under Requests");
        try
        {
            var command = ApiBody.Parse(Encoding.UTF8.GetBytes(json), ProposeParser.Read);
            // The draft's id is the idempotency key: a double click makes one request.
            var view = await requests.ProposeAsync(caller, command with { Secrets = Secrets(form), IdempotencyKey = $"draft-{draft}" }, http.RequestAborted);
            cache.Set(done, view.Id, TimeSpan.FromHours(1));
            await drafts.DeleteAsync(caller, draft, http.RequestAborted);
            return SeeOther($"/requests/{view.Id}");
        }
        catch (Exception e) when (IsForThePage(e))
        {
            return SeeOther($"/new?draft={draft}&problems={problems.Put(caller.PersonId, Problems(http, e))}");
        }
    }

    // An empty field means that the person left it alone.
    private static Dictionary<string, SecretValue> Secrets(IFormCollection form)
    {
        var secrets = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (var (name, values) in form.Where(f => f.Key.StartsWith(SecretPrefix, StringComparison.Ordinal) && f.Value.ToString().Length > 0))
        {
            var value = values.ToString();
            if (value.Length > ProposeParser.LongestSecret)
            {
                throw new InvalidInputException($"spec.secrets.{name[SecretPrefix.Length..]}", $"It is {value.Length} characters long; at most {ProposeParser.LongestSecret} are taken.");
            }

            secrets[name[SecretPrefix.Length..]] = new SecretValue(value);
        }

        return secrets;
    }

    // A refusal, or a trouble that passes: what was typed so far is in the draft, so the person repeats from where they were.
    private static bool IsForThePage(Exception e) => e is CommandRefusedException || Problem.From(e).RetryAfterSeconds is not null;

    private static IReadOnlyList<FieldProblem> Problems(HttpContext http, Exception refusal)
    {
        SecurityNotes.Set(http, refusal); // the answer is a redirect and tells nothing
        return refusal is InvalidInputException invalid ? invalid.Problems
            : refusal is ConflictException { Code: "idempotency-key-reused" } ? [new FieldProblem("", "This draft was sent already and became a request, with other content; nothing was changed. Look under Requests, or start anew.")]
            : [new FieldProblem("", Problem.From(refusal).Detail)];
    }

    // 303, so that the browser comes back with GET and a reload posts nothing again.
    private static SeeOtherResult SeeOther(string location) => new(location);

    private sealed class SeeOtherResult(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }
}
