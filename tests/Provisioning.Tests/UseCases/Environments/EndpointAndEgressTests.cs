using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>Where a gateway answers, and where it may go.</summary>
public sealed class EndpointAndEgressTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", null)]
    [InlineData("10.0.0.0/8:443", "10.0.0.0/8", 443)]
    [InlineData("2001:db8::/32", "2001:db8::/32", null)]
    [InlineData("[2001:db8::/32]:443", "2001:db8::/32", 443)]
    public void TryParse_RangeWithOrWithoutPort_IsRead(string text, string cidr, int? port) =>
        Assert.Equal(new EgressRule(cidr, port), EgressRule.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("example.com:443")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/8:0")]
    [InlineData("10.0.0.0/8:65536")]
    [InlineData("10.0.0.0/8:+443")]
    [InlineData("10.0.0.0/33")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.Null(EgressRule.TryParse(text));

    [Theory]
    [InlineData(false, "", "http://portkey-gateway.payments.svc.cluster.local:8787/")]
    [InlineData(true, "", "http://10.96.0.7:8787/")]
    [InlineData(false, "203.0.113.9", "http://203.0.113.9:8787/")]
    [InlineData(true, "2001:db8::7", "http://[2001:db8::7]:8787/")]
    public void Environment_ServiceAndReach_GivesTheAddressThatAnswers(bool reachable, string address, string expected) =>
        Assert.Equal(expected, EndpointOf.Environment(Observed(address.Length == 0 ? [] : [address]), Inputs.Oss(), reachable));

    [Theory]
    [InlineData(null, "http://gateway.example.com/")]
    [InlineData("gateway-tls", "https://gateway.example.com/")]
    public void Environment_Ingress_IsItsHost(string? tls, string expected) =>
        Assert.Equal(
            expected,
            EndpointOf.Environment(
                Observed([]),
                Inputs.Oss() with
                {
                    Network = new()
                    {
                        Exposure = Exposure.Ingress,
                        Host = "gateway.example.com",
                        TlsSecret = tls,
                    },
                },
                serviceAddressesReachable: true
            )
        );

    [Fact]
    public void Environment_NothingObserved_IsEmpty() =>
        Assert.Equal(
            "",
            EndpointOf.Environment(
                EnvironmentObservation.Missing("payments", DateTime.UtcNow),
                Inputs.Oss(),
                serviceAddressesReachable: true
            )
        );

    private static EnvironmentObservation Observed(string[] addresses) =>
        EnvironmentObservation.Missing("payments", DateTime.UtcNow) with
        {
            NamespaceFound = true,
            Services =
            [
                new ServiceObservation(
                    "portkey-gateway",
                    "gateway",
                    "ClusterIP",
                    "10.96.0.7",
                    [new ServicePortObservation("http", 8787, 0)],
                    addresses
                ),
            ],
        };
}
