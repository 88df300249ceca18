namespace Portkey.Portal.Cluster.Tests.Engine.Delivery;

/// <summary>As much of the operators' CustomResourceDefinitions as the portal meets: names, groups, and the status apart.</summary>
internal static class DeliveryDefinitions
{
    public static string All =>
        string.Join(
            "\n---\n",
            Of("external-secrets.io", "v1", "ExternalSecret", "externalsecrets", "Namespaced"),
            Of("external-secrets.io", "v1", "SecretStore", "secretstores", "Namespaced"),
            Of("external-secrets.io", "v1", "ClusterSecretStore", "clustersecretstores", "Cluster"),
            SecretProviderClass
        );

    public static string SecretProviderClass =>
        Of("secrets-store.csi.x-k8s.io", "v1", "SecretProviderClass", "secretproviderclasses", "Namespaced");

    private static string Of(string group, string version, string kind, string plural, string scope) =>
        $$$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: {{{plural}}}.{{{group}}}}
            spec:
              group: {{{group}}}
              scope: {{{scope}}}
              names: {kind: {{{kind}}}, listKind: {{{kind}}}List, plural: {{{plural}}}, singular: {{{kind.ToLowerInvariant()}}}}
              versions:
                - name: {{{version}}}
                  served: true
                  storage: true
                  subresources: {status: {}}
                  schema:
                    openAPIV3Schema:
                      type: object
                      properties:
                        spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                        status: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;
}
