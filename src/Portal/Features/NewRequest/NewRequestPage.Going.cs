using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>How the wizard keeps what was typed, and goes from step to step.</summary>
public sealed partial class NewRequestPage
{
    private readonly SemaphoreSlim saving = new(1, 1);
    private bool isDirty;
    private bool isSaved;
    private int changes;

    private string UrlOf(string step, string? field = null) =>
        draft is null && state.EnvironmentId is { } environment
            ? PortalUrls.Change(environment, step, field)
            : PortalUrls.Wizard(draft, step, field, posted.Count > 0 && step != "yaml" ? ProblemsKey : null);

    // Something of the spec is another: once the person pauses it is saved, and looked at.
    private async Task ChangedAsync()
    {
        (posted, answered) = ([], ProblemsKey);
        if (await IsLastAsync())
        {
            saveError = await TryAsync("save the draft", SaveAsync) ?? await TryAsync("check this request", CheckAsync);
        }
    }

    private async Task SaveSoonAsync()
    {
        if (await IsLastAsync())
        {
            saveError = await TryAsync("save the draft", SaveAsync);
        }
    }

    private async Task<bool> IsLastAsync()
    {
        isDirty = true;
        var mine = ++changes;
        await Task.Delay(250, Gone);
        return mine == changes;
    }

    private async Task SaveNowAsync()
    {
        changes++; // whatever waits for a pause is saved by this
        saveError = isDirty || draft is null ? await TryAsync("save the draft", SaveAsync) : null;
    }

    // One at a time, or the first two would become two drafts. The address follows, so that back, forward and reload find it again.
    private async Task SaveAsync()
    {
        await saving.WaitAsync(Gone);
        try
        {
            isDirty = false;
            draft = await Drafts.SaveAsync(Caller, draft, state.ToJson(), CancellationToken.None); // also of somebody who leaves
            isSaved = true;
        }
        catch
        {
            isDirty = true;
            throw;
        }
        finally
        {
            saving.Release();
        }

        if (DraftId != draft && !Gone.IsCancellationRequested)
        {
            Navigation.NavigateTo(PortalUrls.Wizard(draft, Step, FieldId, ProblemsKey), replace: true);
        }
    }

    // What was typed last, when the person goes elsewhere before the pause is over.
    private Task KeepAsync()
    {
        changes++;
        var keep = isDirty;
        isDirty = false;
        return keep ? Drafts.SaveAsync(Caller, draft, state.ToJson(), CancellationToken.None) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ = KeepAsync();
        }

        base.Dispose(disposing);
    }

    private async Task NextAsync()
    {
        visited.Add(Current);
        saveError = await TryAsync("check this request", CheckAsync);
        if (saveError is not null)
        {
            return;
        }

        summary = Problems.On(Current);
        if (summary.Count > 0)
        {
            focus = ErrorSummary.ElementId;
            return;
        }

        await GoAsync(WizardSteps.After(Current));
    }

    private async Task GoAsync(string step, string? field = null)
    {
        if (step == Current)
        {
            focus = field;
            return;
        }

        visited.Add(Current);
        if (isDirty || step == "yaml")
        {
            await SaveNowAsync();
            if (saveError is not null)
            {
                return;
            }
        }

        Navigation.NavigateTo(UrlOf(step, field));
    }
}
