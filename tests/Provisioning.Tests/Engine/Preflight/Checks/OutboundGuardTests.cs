using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

public sealed class OutboundGuardTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("017700000001")]
    [InlineData("0.0.0.0")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("255.255.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:a9fe:a9fe")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    [InlineData("localhost")]
    public async Task ConnectAsync_ToAnAddressThatIsNotForUsers_IsRefused(string host)
    {
        var guard = new OutboundGuard(Options.Create(new PreflightOptions()));
        await Assert.ThrowsAsync<AddressRefusedException>(() => guard.ConnectAsync(host, 80, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.1")]
    [InlineData("172.16.0.9")]
    [InlineData("20.50.2.1")]
    [InlineData("fd12:3456::1")]
    [InlineData("2603:1020::1")]
    public async Task ResolveAsync_OfAnAddressInANetwork_IsAllowed(string host)
    {
        var guard = new OutboundGuard(Options.Create(new PreflightOptions()));
        Assert.Equal(IPAddress.Parse(host), Assert.Single(await guard.ResolveAsync(host, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task ConnectAsync_ToARangeThatAnAdministratorAllows_Connects_AndToNoOther()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var guard = new OutboundGuard(Options.Create(new PreflightOptions { AllowedRanges = ["127.0.0.1/32"] }));
        using var socket = await guard.ConnectAsync(
            "::ffff:127.0.0.1",
            ((IPEndPoint)listener.LocalEndpoint).Port,
            TestContext.Current.CancellationToken
        );
        Assert.True(socket.Connected);
        await Assert.ThrowsAsync<AddressRefusedException>(() => guard.ConnectAsync("127.0.0.2", 80, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<AddressRefusedException>(() =>
            guard.ConnectAsync("169.254.169.254", 80, TestContext.Current.CancellationToken)
        );
    }
}
