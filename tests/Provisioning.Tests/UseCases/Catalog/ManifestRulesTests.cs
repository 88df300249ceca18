using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>What a chart may not render.</summary>
public sealed class ManifestRulesTests
{
    private const string Good = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: gateway}
        spec:
          template:
            spec:
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              volumes: [{name: tmp, emptyDir: {}}]
              containers:
                - name: gateway
                  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        """;

    [Fact]
    public void Rules_PodThatPassesRestricted_FindNothing()
    {
        Assert.Empty(ManifestRules.AgainstRestricted(Good));
        Assert.Empty(ManifestRules.OutsideNamespace(Good, "payments-dev"));
    }

    [Theory]
    [InlineData("runAsNonRoot: true, ", "", "runAsNonRoot")]
    [InlineData("type: RuntimeDefault", "type: Unconfined", "seccompProfile")]
    [InlineData("allowPrivilegeEscalation: false, ", "", "allowPrivilegeEscalation")]
    [InlineData("drop: [ALL]", "drop: [NET_RAW]", "capabilities.drop")]
    [InlineData("drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]", "SYS_ADMIN")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, privileged: true", "privileged")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, runAsUser: 0", "runAsUser")]
    [InlineData("emptyDir: {}", "hostPath: {path: /}", "hostPath")]
    [InlineData("volumes:", "hostNetwork: true\n      volumes:", "hostNetwork")]
    [InlineData("- name: gateway", "- name: gateway\n          ports: [{containerPort: 1, hostPort: 80}]", "hostPort")]
    public void AgainstRestricted_OneThingWrong_NamesItAndWhere(string from, string to, string named)
    {
        var wrong = Assert.Single(ManifestRules.AgainstRestricted(Good.Replace(from, to, StringComparison.Ordinal)));

        Assert.Contains(named, wrong, StringComparison.Ordinal);
        Assert.StartsWith("Deployment gateway", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: ClusterRole\nmetadata: {name: all}", "cluster-scoped")]
    [InlineData("kind: Namespace\nmetadata: {name: other}", "cluster-scoped")]
    [InlineData("kind: Role\nmetadata: {name: spy, namespace: kube-system}", "kube-system")]
    [InlineData(
        "kind: List\nmetadata: {}\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: spy, namespace: kube-system}}]",
        "kube-system"
    )]
    public void OutsideNamespace_ObjectThatLeavesIt_IsNamed(string manifest, string named) =>
        Assert.Contains(
            named,
            Assert.Single(ManifestRules.OutsideNamespace($"apiVersion: v1\n{manifest}", "payments-dev")),
            StringComparison.Ordinal
        );
}
