namespace Portkey.Portal.Sandbox.Objects;

/// <summary>Doubles up to a limit, and forgets after a long good run, as a kubelet does.</summary>
internal sealed class BackOff(TimeSpan first, TimeSpan most)
{
    private TimeSpan? _next;

    public TimeSpan Next()
    {
        var delay = _next ?? first;
        _next = delay * 2 < most ? delay * 2 : most;
        return delay;
    }

    public void Reset() => _next = null;
}
