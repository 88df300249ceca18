using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

public sealed class ReservedNamespacesTests
{
    private readonly ReservedNamespaces reserved = new(
        Options.Create(new ProvisioningOptions { OwnNamespace = "portkey-portal", ReservedNamespaces = ["ingress-nginx", "cattle-*"] })
    );

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-anything")]
    [InlineData("openshift-ingress")]
    [InlineData("portkey-portal")]
    [InlineData("ingress-nginx")]
    [InlineData("cattle-system")]
    public void Refuse_SystemOwnAndConfigured_Throws(string ns)
    {
        Assert.True(reserved.Holds(ns));
        Assert.Equal("namespace-reserved", Assert.Throws<ClusterRejectedException>(() => reserved.Refuse(ns)).Code);
    }

    [Theory]
    [InlineData("payments-dev")]
    [InlineData("kubernetes-team")]
    [InlineData("default-gateway")]
    [InlineData("portkey-portal-dev")]
    public void Refuse_ATeams_DoesNot(string ns) => reserved.Refuse(ns);
}
