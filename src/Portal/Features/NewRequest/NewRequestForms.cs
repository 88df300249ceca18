using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Forms;
using Portkey.Portal.Web.Hosting.Pipeline;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>What the wizard sends by plain form posts: a file or text that may hold secrets, and the secrets of the last step.</summary>
internal static class NewRequestForms
{
    private const string SecretPrefix = "secret.";

    public static void MapNewRequestForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/requests", ProposeAsync).Renders();
        forms.MapPost("/import", ImportAsync);
        forms.MapPost("/spec", EditSpecAsync);
    }

    /// <summary>A values file, pasted or uploaded. It may hold secrets, so it comes by a plain form and becomes a draft that names them
    /// only.</summary>
    private static async Task<IResult> ImportAsync(
        HttpContext http,
        ImportService imports,
        PeopleService people,
        DraftService drafts,
        FormProblems problems
    )
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        try
        {
            var view = await imports.ReadAsync(caller, await TextAsync(form, http.RequestAborted), http.RequestAborted);
            var team = (await people.FindAsync(caller.PersonId, http.RequestAborted))?.Teams is [var first, ..] ? first.Name : "";
            var draft = await drafts.SaveAsync(caller, null, WizardState.Of(view, team).ToJson(), http.RequestAborted);
            return FormPost.SeeOther(PortalUrls.Import(view.Id, draft));
        }
        catch (Exception e) when (FormPost.IsForThePage(e))
        {
            return FormPost.SeeOther($"{PortalUrls.ImportValues}?problems={problems.Put(caller.PersonId, FormPost.Problems(http, e))}");
        }
    }

    /// <summary>The expert view: the draft's spec as YAML. A plain form, because somebody may paste a secret; that is refused and stored
    /// nowhere.</summary>
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
            var body = ApiBody.Parse<SpecBody>(Encoding.UTF8.GetBytes(SpecYaml.ToJson(form["text"].ToString())));
            var (spec, secrets) = (body.Spec(), body.Secrets);
            if (secrets.Count > 0)
            {
                throw new InvalidInputException([
                    .. secrets.Keys.Select(k => new FieldProblem(
                        $"secrets.{k}",
                        "Secrets are entered on the last page, where they go straight to the vault. This one was not kept."
                    )),
                ]);
            }

            if (
                spec
                    .Settings.Where(s => SpecValidator.IsSecretInPlainSight(s.Key, s.Value))
                    .Select(s => new FieldProblem(
                        $"spec.settings.{s.Key}",
                        "It looks like a secret, and settings are read by approvers. Name it under Secrets, and give its value on the last page. Nothing of this text was kept."
                    ))
                    .ToList() is
                { Count: > 0 } plain
            )
            {
                throw new InvalidInputException(plain);
            }

            await drafts.SaveAsync(caller, draft, WizardState.FromJson(json).With(spec).ToJson(), http.RequestAborted);
            return FormPost.SeeOther(PortalUrls.Wizard(draft, "review"));
        }
        catch (Exception e) when (FormPost.IsForThePage(e))
        {
            return FormPost.SeeOther(
                $"{PortalUrls.Wizard(draft, "yaml")}&problems={problems.Put(caller.PersonId, FormPost.Problems(http, e))}"
            );
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
            throw new InvalidInputException(
                "text",
                $"The file has {file.Length} bytes; at most {ImportService.LongestText} characters are taken."
            );
        }

        using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>The wizard's last step: everything but the secrets is in the draft, in the shape of a POST /requests body.</summary>
    private static async Task<IResult> ProposeAsync(
        HttpContext http,
        RequestService requests,
        DraftService drafts,
        FormProblems problems,
        IMemoryCache cache
    )
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
            return FormPost.SeeOther($"/requests/{request}"); // the second half of a double click
        }

        var json =
            await drafts.LoadAsync(caller, draft, http.RequestAborted)
            ?? throw new NotFoundException("such draft, it may have been submitted already: look under Requests");
        try
        {
            var command = ApiBody.Parse<ProposeBody>(Encoding.UTF8.GetBytes(WizardState.FromJson(json).ToRequest())).Command();
            // The draft's id is the idempotency key: a double click makes one request.
            var view = await requests.ProposeAsync(
                caller,
                command with
                {
                    Secrets = Secrets(form),
                    IdempotencyKey = $"draft-{draft}",
                },
                http.RequestAborted
            );
            cache.Set(done, view.Id, TimeSpan.FromHours(1));
            await drafts.DeleteAsync(caller, draft, http.RequestAborted);
            return FormPost.SeeOther($"/requests/{view.Id}");
        }
        catch (Exception e) when (FormPost.IsForThePage(e))
        {
            return FormPost.SeeOther($"/new?draft={draft}&problems={problems.Put(caller.PersonId, FormPost.Problems(http, e))}");
        }
    }

    // An empty field means that the person left it alone.
    private static Dictionary<string, SecretValue> Secrets(IFormCollection form)
    {
        var secrets = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (
            var (name, values) in form.Where(f => f.Key.StartsWith(SecretPrefix, StringComparison.Ordinal) && f.Value.ToString().Length > 0)
        )
        {
            var value = values.ToString();
            if (value.Length > Longest.Secret)
            {
                throw new InvalidInputException(
                    $"spec.secrets.{name[SecretPrefix.Length..]}",
                    $"It is {value.Length} characters long; at most {Longest.Secret} are taken."
                );
            }

            secrets[name[SecretPrefix.Length..]] = new SecretValue(value);
        }

        return secrets;
    }
}
