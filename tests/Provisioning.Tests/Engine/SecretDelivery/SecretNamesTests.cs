using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.SecretDelivery;

/// <summary>Which Secrets a pod is started with is read off its fields.</summary>
public sealed class SecretNamesTests
{
    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: gateway-1, annotations: {note: gateway-env-annotated}}
        spec:
          imagePullSecrets: [{name: gateway-pull-1}]
          initContainers: [{name: init, envFrom: [{secretRef: {name: gateway-env-init}}]}]
          containers:
            - name: gateway
              args: ["--from=gateway-env-argument"]
              env:
                - {name: A, valueFrom: {secretKeyRef: {name: gateway-env-one, key: A}}}
                - {name: B, value: gateway-env-value}
          volumes:
            - {name: v, secret: {secretName: gateway-env-volume}}
            - {name: p, projected: {sources: [{secret: {name: gateway-env-projected}}]}}
            - {name: c, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: gateway-env-class}, nodePublishSecretRef: {name: gateway-env-node}}}
        """;

    [Fact]
    public void OfPod_EveryFieldThatNamesASecret_AndNoText() =>
        Assert.Equal(
            [
                "gateway-env-class",
                "gateway-env-init",
                "gateway-env-node",
                "gateway-env-one",
                "gateway-env-projected",
                "gateway-env-volume",
                "gateway-pull-1",
            ],
            RunningPod
                .Of(KubernetesJson.Deserialize<V1Pod>(ManifestYaml.Parse(Pod)[0].ToJsonString()))
                .Secrets.Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("gateway-env-one", true)]
    [InlineData("gateway-pull-1", true)]
    [InlineData("gateway-env-on", false)]
    [InlineData("gateway-env-argument", false)]
    public void Names_WholeValueOfAField_IsFound(string name, bool expected) =>
        Assert.Equal(expected, SecretNames.Names(ManifestYaml.Parse(Pod)[0], name));
}
