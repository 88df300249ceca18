using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>As much of the Gateway API as the portal meets: that the cluster serves HTTPRoutes.</summary>
internal static class RouteDefinition
{
    private const string Text = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: httproutes.gateway.networking.k8s.io
          annotations: {api-approved.kubernetes.io: "unapproved, for a test"}
        spec:
          group: gateway.networking.k8s.io
          scope: Namespaced
          names: {kind: HTTPRoute, listKind: HTTPRouteList, plural: httproutes, singular: httproute}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """;

    public static async Task ApplyAsync(TestCluster cluster)
    {
        await cluster.ApplyAsync(Text);
        await cluster.KubectlAsync("wait", "--for=condition=Established", "--timeout=30s", "crd", "httproutes.gateway.networking.k8s.io");
    }
}
