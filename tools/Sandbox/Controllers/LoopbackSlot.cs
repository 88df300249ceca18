using System.Net;
using System.Net.Sockets;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>
/// This sandbox's share of the loopback net. Addresses belong to the whole machine, so every running sandbox holds
/// one of 64 shares, guarded by a socket that the system frees however the sandbox ends.
/// </summary>
internal sealed class LoopbackSlot : IDisposable
{
    private const int Slots = 64;
    private const int AddressesOfSlot = 4 * 254;
    private const int GuardPort = 47_643;

    private readonly Socket _guard;

    private LoopbackSlot(Socket guard, int number)
    {
        (_guard, Number) = (guard, number);
        Services = new PodNetwork("127.64", number * AddressesOfSlot, AddressesOfSlot);
        Pods = new PodNetwork("127.65", number * AddressesOfSlot, AddressesOfSlot);
        LoadBalancers = new PodNetwork("127.66", number * AddressesOfSlot, AddressesOfSlot);
    }

    public int Number { get; }

    public PodNetwork Services { get; }

    public PodNetwork Pods { get; }

    public PodNetwork LoadBalancers { get; }

    /// <summary>The previous share if it is free, so that services keep working addresses.</summary>
    public static LoopbackSlot Take(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "network-slot");
        var first = File.Exists(file) && int.TryParse(File.ReadAllText(file), out var known) ? known : 0;
        for (var i = 0; i < Slots; i++)
        {
            var number = (int)((uint)(first + i) % Slots);
            var guard = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                guard.Bind(new IPEndPoint(IPAddress.Parse($"127.67.{number}.1"), GuardPort));
                guard.Listen(1);
                File.WriteAllText(file, $"{number}");
                return new LoopbackSlot(guard, number);
            }
            catch (SocketException)
            {
                guard.Dispose();
            }
        }

        throw new IOException("no share of the loopback net is free: 64 sandboxes run on this machine, or 127.67.0.0/16 cannot be used.");
    }

    public void Dispose() => _guard.Dispose();
}
