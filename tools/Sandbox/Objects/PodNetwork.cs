using System.Collections.Concurrent;

namespace Portkey.Portal.Sandbox.Objects;

/// <summary>
/// Gives each pod an address of the loopback net, so that a hundred pods can all listen on 8787 and the machine
/// reaches them as it would inside a cluster.
/// </summary>
internal sealed class PodNetwork(string prefix, int first, int count)
{
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);
    private int _next = -1;

    /// <summary>The preferred address where it is ours and free, else the next free one, unless only the access is wanted.</summary>
    public string Take(string owner, string? access = null, bool onlyAccess = false)
    {
        if (access is not null && ((Contains(access) && _owners.TryAdd(access, owner)) || onlyAccess))
        {
            return access;
        }

        // Cycling instead of taking the lowest keeps a new pod off the address of one that just ended.
        for (var tries = 0; tries < count; tries++)
        {
            var address = Address((int)((uint)Interlocked.Increment(ref _next) % (uint)count));
            if (_owners.TryAdd(address, owner))
            {
                return address;
            }
        }

        throw new InvalidOperationException($"All {count} addresses of {prefix}.0.0/16 are taken.");
    }

    public void Return(string address) => _owners.TryRemove(address, out _);

    public bool Contains(string address) =>
        address.Split('.') is [_, _, var third, var fourth]
        && address.StartsWith(prefix + ".", StringComparison.Ordinal)
        && int.TryParse(third, out var high)
        && int.TryParse(fourth, out var low)
        && low is > 0 and < 255
        && ((high * 254) + low - 1 - first) is var index
        && index >= 0
        && index < count;

    // 1 to 254 in the last octet: addresses that look like a network or a broadcast confuse people.
    private string Address(int index) => $"{prefix}.{(first + index) / 254}.{((first + index) % 254) + 1}";
}
