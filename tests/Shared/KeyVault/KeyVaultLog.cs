using System.Diagnostics;

namespace Portkey.Portal.Shared;

/// <summary>One call to the stand-in; never its body.</summary>
/// <param name="Host">Vault, or sign-in service.</param>
/// <param name="Method">Method.</param>
/// <param name="Path">Path without the query.</param>
/// <param name="Status">What it was answered; 0 where the connection was broken.</param>
/// <param name="At">Since the log began.</param>
public sealed record KeyVaultCall(string Host, string Method, string Path, int Status, TimeSpan At);

/// <summary>What was called, in order of arrival.</summary>
public sealed class KeyVaultLog
{
    private readonly List<KeyVaultCall> calls = [];
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public IReadOnlyList<KeyVaultCall> Calls
    {
        get
        {
            lock (calls)
            {
                return [.. calls];
            }
        }
    }

    public void Clear()
    {
        lock (calls)
        {
            calls.Clear();
        }
    }

    internal TimeSpan Now => watch.Elapsed;

    internal void Add(KeyVaultCall call)
    {
        lock (calls)
        {
            calls.Add(call);
        }
    }
}
