using Microsoft.AspNetCore.Components;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>
/// A page that loads from the services. Prerendering shows its skeleton only; data come once, in the circuit, and again when
/// something changed.
/// </summary>
public abstract class PortalPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource gone = new();
    private readonly SemaphoreSlim loading = new(1, 1);
    private readonly Dictionary<string, IDisposable> watches = new(StringComparer.Ordinal);
    private int waiting;
    private bool polling;

    [Inject]
    private CallerSource Callers { get; set; } = default!;

    [Inject]
    private LiveUpdates Updates { get; set; } = default!;

    [Inject]
    private SecurityLog Security { get; set; } = default!;

    [Inject]
    private ILogger<PortalPage> Logger { get; set; } = default!;

    /// <summary>Where the browser is.</summary>
    [Inject]
    protected NavigationManager Navigation { get; set; } = default!;

    /// <summary>Clock.</summary>
    [Inject]
    protected TimeProvider Clock { get; set; } = default!;

    /// <summary>Who looks at the page.</summary>
    protected Caller Caller { get; private set; } = new("", "", "");

    /// <summary>Failure of the last load.</summary>
    protected PortalError? LoadError { get; private set; }

    /// <summary>Data have come at least once.</summary>
    protected bool Loaded { get; private set; }

    /// <summary>Cancelled when the person leaves the page.</summary>
    protected CancellationToken Gone => gone.Token;

    /// <summary>Reads what the page shows. Called again after changes and when the address changes.</summary>
    protected abstract Task LoadAsync();

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (RendererInfo.IsInteractive)
        {
            await ReloadAsync();
        }
    }

    /// <summary>Reads again, one load at a time.</summary>
    protected async Task ReloadAsync()
    {
        try
        {
            await loading.WaitAsync(Gone);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            Caller = await Callers.GetAsync();
            LoadError = await TryAsync("show this page", LoadAsync);
            Loaded = true;
        }
        finally
        {
            loading.Release();
        }

        StateHasChanged();
    }

    /// <summary>Does something for the person; returns what to show when it failed.</summary>
    protected async Task<PortalError?> TryAsync(string doing, Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            await action();
            return null;
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // A page is the last handler: the person gets a message and a reference, the log gets the rest.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (SecurityNotes.KindOf(exception) is { } kind)
            {
                Security.Record(
                    new SecurityNotice(
                        kind,
                        Caller.PersonId,
                        Caller.SourceAddress,
                        "page",
                        new Uri(Navigation.Uri).AbsolutePath,
                        Caller.CorrelationId,
                        ""
                    )
                );
            }

            if (exception is not CommandRefusedException)
            {
                PageLog.Failed(Logger, doing, Caller.CorrelationId, exception);
            }

            return PortalError.Of(exception, doing, Caller.CorrelationId);
        }
    }

    /// <summary>Loads again when this changes; an id, or <see cref="LiveUpdates.All"/>.</summary>
    protected void Watch(string topic)
    {
        if (!watches.ContainsKey(topic) && !gone.IsCancellationRequested)
        {
            watches[topic] = Updates.Subscribe(topic, () => _ = InvokeAsync(ReloadSoonAsync));
        }
    }

    /// <summary>Also loads again at intervals: a change may have been made by another process.</summary>
    protected void Poll(TimeSpan every)
    {
        if (!polling && !gone.IsCancellationRequested)
        {
            polling = true;
            _ = PollAsync(every);
        }
    }

    private async Task PollAsync(TimeSpan every)
    {
        using var timer = new PeriodicTimer(every, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                await InvokeAsync(ReloadAsync);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The person left.
        }
    }

    // A burst of changes is one load: a change that comes while one waits is covered by it.
    private async Task ReloadSoonAsync()
    {
        if (Interlocked.Exchange(ref waiting, 1) == 1)
        {
            return;
        }

        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150), Clock, Gone);
            Interlocked.Exchange(ref waiting, 0);
            await ReloadAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The person left.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops watching and polling.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !gone.IsCancellationRequested)
        {
            gone.Cancel();
            foreach (var watch in watches.Values)
            {
                watch.Dispose();
            }
        }
    }
}

/// <summary>Log lines of pages.</summary>
internal static partial class PageLog
{
    [LoggerMessage(EventId = 5100, Level = LogLevel.Error, Message = "A page could not {Doing}; reference {Reference}")]
    public static partial void Failed(ILogger logger, string doing, string reference, Exception exception);
}
