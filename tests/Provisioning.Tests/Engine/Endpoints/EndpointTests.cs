using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Endpoints;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("Gateway.Example.COM", "gateway.example.com", true)]
    [InlineData("gateway.example.com.", "gateway.example.com", true)]
    [InlineData("*.example.com", "gateway.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "*.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "gateway.example.org", false)]
    [InlineData("*.example.com", "gatewayexample.com", false)]
    [InlineData("", "", true)]
    [InlineData("", "gateway.example.com", false)]
    public void Overlaps_HostNames_KnowNeitherCaseNorDotAndWildcardsTakeWhatIsUnderThem(string one, string other, bool expected)
    {
        Assert.Equal(expected, Endpoint.Host(one).Overlaps(Endpoint.Host(other)));
        Assert.Equal(expected, Endpoint.Host(other).Overlaps(Endpoint.Host(one)));
    }

    [Theory]
    [InlineData("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:443/TCP")]
    [InlineData("::ffff:10.0.0.4", "10.0.0.4:443/TCP")]
    [InlineData("10.0.0.4", "10.0.0.4:443/TCP")]
    public void Address_WrittenInOtherWays_IsOneForm(string address, string expected) =>
        Assert.Equal(expected, Endpoint.Address(address, "443", "").Value);

    [Fact]
    public void Of_Manifests_FindsEveryWayIn()
    {
        const string Text = """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: a
              annotations: {nginx.ingress.kubernetes.io/server-alias: "alias.example.com, Other.example.com"}
            spec:
              tls: [{hosts: [tls.example.com], secretName: x}]
              rules: [{host: A.example.com}, {host: "*.wild.example.com"}]
            ---
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {hostnames: [route.example.com]}}
              - apiVersion: v1
                kind: Service
                metadata: {name: s, annotations: {service.beta.kubernetes.io/azure-load-balancer-ipv4: 203.0.113.5}}
                spec: {type: LoadBalancer, loadBalancerIP: 10.0.0.4, ports: [{port: 443, nodePort: 30443}, {port: 53, protocol: UDP}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: inside}
            spec: {type: ClusterIP, ports: [{port: 8787}]}
            """;
        Assert.Equal(
            [
                "10.0.0.4:443/TCP",
                "10.0.0.4:53/UDP",
                "203.0.113.5:443/TCP",
                "203.0.113.5:53/UDP",
                "30443/TCP",
                "*.wild.example.com",
                "a.example.com",
                "alias.example.com",
                "other.example.com",
                "route.example.com",
                "tls.example.com",
            ],
            ManifestEndpoints
                .Of(Text)
                .OrderBy(e => e.Kind == EndpointKind.Host)
                .ThenBy(e => e.Value, StringComparer.Ordinal)
                .Select(e => e.Value)
        );
    }

    [Fact]
    public void Of_IngressWithoutARule_TakesEveryHostName() =>
        Assert.Equal(
            [new Endpoint(EndpointKind.Host, "*")],
            ManifestEndpoints.Of(
                "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {defaultBackend: {service: {name: x}}}}"
            )
        );

    [Theory]
    [InlineData("{kind: Ingress, metadata: none, spec: text}")]
    [InlineData("{kind: Service, spec: {type: LoadBalancer, ports: text, loadBalancerIP: [1]}}")]
    [InlineData("{kind: HTTPRoute, spec: {hostnames: {a: b}}}")]
    public void Of_ShapesThatAreWrong_AreNothingToTripOver(string manifest) =>
        Assert.True(ManifestEndpoints.Of(manifest).All(e => e.Value == "*"));
}
