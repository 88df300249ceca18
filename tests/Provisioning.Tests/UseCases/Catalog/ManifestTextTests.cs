using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>Objects that hide from the one reader and not from the other.</summary>
public sealed class ManifestTextTests
{
    private const string Binding = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: all}}";

    [Theory]
    [InlineData("kind: List\napiVersion: v1\nitems: [{kind: List, apiVersion: v1, items: [" + Binding + "]}]")]
    [InlineData("kind: ConfigMap\napiVersion: v1\nmetadata: {name: harmless}\nitems: [" + Binding + "]")]
    [InlineData("kind: ClusterRoleBindingList\napiVersion: rbac.authorization.k8s.io/v1\nitems: [{metadata: {name: all}}]")]
    [InlineData(
        "kind: List\napiVersion: v1\nitems:\n- kind: RoleList\n  apiVersion: v1\n  items:\n  - kind: ConfigMapList\n    apiVersion: v1\n    items: ["
            + Binding
            + "]"
    )]
    public void OutsideNamespace_ClusterScopedObjectInAListOfAnyDepth_IsNamed(string manifest) =>
        Assert.Contains(
            "ClusterRoleBinding all is cluster-scoped",
            Assert.Single(ManifestRules.OutsideNamespace(manifest, "payments-dev")),
            StringComparison.Ordinal
        );

    [Fact]
    public void OutsideNamespace_ListsDeeperThanAnybodyNeeds_AreRefused()
    {
        var manifest = Enumerable.Range(0, 20).Aggregate(Binding, (inner, _) => $"{{apiVersion: v1, kind: List, items: [{inner}]}}");

        Assert.Equal(
            "manifest-invalid",
            Assert.Throws<ClusterRejectedException>(() => ManifestRules.OutsideNamespace(manifest, "payments-dev")).Code
        );
    }

    [Theory]
    [InlineData("kind: Secret\nmetadata: {name: spy, namespace: kube-system}", "kube-system")]
    [InlineData("kind: List\nitems: [{kind: Secret, metadata: {name: spy, namespace: kube-system}}]", "kube-system")]
    [InlineData("metadata: {name: nothing}", "has no kind")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\n!!binary aXRlbXM=: [" + Binding + "]", "!!binary")]
    [InlineData("kind: !!binary Q2x1c3RlclJvbGU=\nmetadata: {name: a}", "!!binary")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\n<<: {kind: ClusterRole}", "merges")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\n---kind: ClusterRole", "'---'")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\n# a\u2028kind: ClusterRole", "U+2028")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"<no value>\"}", "<no value>")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}\n# portal: guardrails below\n", "guardrails")]
    public void OutsideNamespace_WhatHelmCouldReadOtherwise_IsNamed(string manifest, string named) =>
        Assert.Contains(
            ManifestRules.OutsideNamespace($"apiVersion: v1\n{manifest}", "payments-dev"),
            w => w.Contains(named, StringComparison.Ordinal) || w.Contains("yaml.org,2002:binary", StringComparison.Ordinal)
        );

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: plain")]
    [InlineData("apiVersion: apps/v1\nkind: Deployment\nmetadata: [1]\nspec: plain")]
    [InlineData(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {securityContext: no, containers: [{name: a, securityContext: yes, ports: [1]}]}"
    )]
    public void Rules_FieldsOfAnotherShapeThanTheyHave_DoNotBreakThem(string manifest)
    {
        ManifestRules.OutsideNamespace(manifest, "payments-dev");
        ManifestRules.AgainstRestricted(manifest);
    }
}
