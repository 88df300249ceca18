using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.SecretDelivery;

public sealed class SecretCoverageTests
{
    [Fact]
    public void Taken_EveryFormOfReference_IsFoundWithWhoTakesIt_AndOptionalOnesAreNot()
    {
        var taken = SecretCoverage.Taken(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: gateway}
            spec:
              template:
                spec:
                  imagePullSecrets: [{name: gw-pull-1}]
                  initContainers:
                    - env: [{name: A, valueFrom: {secretKeyRef: {name: gw-env-1, key: INIT_KEY}}}]
                  containers:
                    - env:
                        - {name: B, valueFrom: {secretKeyRef: {name: gw-env-1, key: REDIS_URL}}}
                        - {name: C, valueFrom: {secretKeyRef: {name: gw-env-1, key: MAYBE, optional: true}}}
                      envFrom: [{secretRef: {name: whole}}, {secretRef: {name: maybe, optional: true}}]
                  volumes:
                    - {name: v, secret: {secretName: mounted, items: [{key: tls.key, path: k}]}}
                    - {name: p, projected: {sources: [{secret: {name: projected}}]}}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: data}
            spec: {template: {spec: {containers: [{env: [{name: B, valueFrom: {secretKeyRef: {name: gw-env-1, key: REDIS_URL}}}]}]}}}
            """
        );

        Assert.Equal(["gw-env-1", "gw-pull-1", "mounted", "projected", "whole"], taken.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["INIT_KEY", "REDIS_URL"], taken["gw-env-1"].Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Deployment gateway", taken["gw-env-1"]["REDIS_URL"]);
        Assert.Equal([".dockerconfigjson"], taken["gw-pull-1"].Keys);
        Assert.Equal(["", "tls.key"], taken["mounted"].Keys.Order(StringComparer.Ordinal));
        Assert.Equal([""], taken["whole"].Keys);
    }
}
