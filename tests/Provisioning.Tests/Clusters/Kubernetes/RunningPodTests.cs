using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

public sealed class RunningPodTests
{
    [Fact]
    public void Of_PodThatTakesSecretsInEveryWay_NamesAllOfThem()
    {
        var pod = KubernetesYaml.Deserialize<V1Pod>(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: gateway-1}
            spec:
              imagePullSecrets: [{name: pull}]
              initContainers:
                - name: init
                  envFrom: [{secretRef: {name: init-all}}, {configMapRef: {name: no-secret}}]
              containers:
                - name: gateway
                  envFrom: [{secretRef: {name: all}}]
                  env:
                    - {name: A, value: not-a-secret}
                    - {name: B, valueFrom: {secretKeyRef: {name: one, key: b}}}
              volumes:
                - {name: a, secret: {secretName: files}}
                - {name: b, projected: {sources: [{secret: {name: projected}}, {configMap: {name: other}}]}}
                - {name: c, emptyDir: {}}
            """
        );

        var running = RunningPod.Of(pod);

        Assert.Equal("gateway-1", running.Name);
        Assert.Equal(["all", "files", "init-all", "one", "projected", "pull"], running.Secrets.Order(StringComparer.Ordinal));
    }
}
