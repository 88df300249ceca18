namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>Files in the shapes that people have, for tests that hold for all of them. No file holds a word of the canary but as a
/// secret.</summary>
internal static class ImportFiles
{
    public const string Canary = "c4nary-0f-a-secret";

    public const string Workload = """
        replicaCount: 2
        image:
          tag: 2.14.1
        images:
          gatewayImage:
            repository: docker.io/portkeyai/gateway_enterprise
            tag: "2.14.0"
        resources:
          requests: {cpu: 1, memory: 2Gi}
          limits: {cpu: 2500m, memory: 4Gi}
        nodeSelector: {agentpool: gw}
        tolerations:
        - {key: dedicated, operator: Equal, value: gw, effect: NoSchedule}
        podAnnotations: {prometheus.io/scrape: "true"}
        podLabels: {team: ai}
        serviceAccount:
          create: true
          name: gw-sa
          annotations: {azure.workload.identity/client-id: 11111111-1111-1111-1111-111111111111}
        ingress:
          enabled: true
          className: nginx
          annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: "300"}
          hosts:
          - host: gw.example.org
            paths: [{path: /, pathType: Prefix}]
          tls: [{secretName: gw-tls, hosts: [gw.example.org]}]
        autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 8, targetCPUUtilizationPercentage: 60, targetMemoryUtilizationPercentage: 75}
        volumes: [{name: ca, configMap: {name: corp-ca}}]
        volumeMounts: [{name: ca, mountPath: /etc/ssl/corp, readOnly: true}]
        extraEnv: [{name: NODE_EXTRA_CA_CERTS, value: /etc/ssl/corp/ca.crt}]
        environment:
          create: true
          secret: true
          existingSecret: gw-env
          secretKeys: [PORTKEY_CLIENT_AUTH]
          data:
            SERVICE_NAME: gw
            ANALYTICS_STORE: control_plane
            LOG_STORE: azure
            AZURE_AUTH_MODE: workload
            AZURE_STORAGE_ACCOUNT: acct1
            AZURE_STORAGE_CONTAINER: gen
            CACHE_STORE: azure-redis
            ORGANISATIONS_TO_SYNC: o1
            HTTPS_PROXY: http://proxy.corp:3128
            NO_PROXY: .svc,.cluster.local
            ENABLE_PROMETHEUS: "true"
            MY_OWN_FLAG: "on"
        """;

    /// <summary>The same secret in every shape.</summary>
    public static IReadOnlyDictionary<string, string> WithCanary { get; } =
        new Dictionary<string, string>
        {
            ["yaml"] =
                $"environment:\n  data:\n    SERVICE_NAME: gw\n    PORTKEY_CLIENT_AUTH: {Canary}\n    REDIS_URL: redis://:{Canary}@cache:6379\n    REDIS_TLS_ENABLED: 'true'\n    MY_API_KEY: {Canary}\n",
            ["mixed"] =
                $"environment:\n  data:\n    SERVICE_NAME=gw\n    PORTKEY_CLIENT_AUTH=\"{Canary}\" # {Canary}\n    AZURE_STORAGE_ACCOUNT_KEY={Canary}#{Canary}\n",
            ["misplaced"] = $"anything:\n  here:\n    PORTKEY_CLIENT_AUTH={Canary}: x\n    B={Canary}: y\n",
            ["dotenv"] = $"export PORTKEY_CLIENT_AUTH='{Canary}'\nMY_TOKEN={Canary}#{Canary}\nREDIS_URL=redis://u:{Canary}@p@host\n",
            ["json"] =
                $"{{\"environment\": {{\"data\": {{\"PORTKEY_CLIENT_AUTH\": \"{Canary}\"}}}}, \"imageCredentials\": [{{\"username\": \"u\", \"password\": \"{Canary}\", \"auth\": \"{Canary}\"}}]}}",
            ["list"] =
                $"environment:\n  data:\n  - {{name: PORTKEY_CLIENT_AUTH, value: {Canary}}}\n  - {{name: PORTKEY_CLIENT_AUTH, value: {Canary}-2}}\n",
            ["argo"] =
                $"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        environment:\n          data:\n            PORTKEY_CLIENT_AUTH: {Canary}\n      parameters:\n      - {{name: environment.data.REDIS_PASSWORD, value: {Canary}}}\n      - {{name: 'a[', value: {Canary}}}\n",
            ["flux"] =
                $"apiVersion: v1\nkind: Secret\nstringData: {{password: {Canary}}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    environment: {{data: {{PORTKEY_CLIENT_AUTH: {Canary}}}}}\n",
            ["terraform"] =
                $"provider \"x\" {{ token = \"{Canary}\" }}\nresource \"helm_release\" \"gw\" {{\n  set_sensitive {{\n    name = \"environment.data.PORTKEY_CLIENT_AUTH\"\n    value = \"{Canary}\"\n  }}\n  values = [<<EOT\nenvironment:\n  data:\n    REDIS_PASSWORD: {Canary}\nEOT\n  ]\n}}\n",
            ["typed"] =
                $"environment:\n  data:\n    PORTKEY_CLIENT_AUTH: {Canary}\n    PORTKEY_CLIENT_AUTH: {Canary}\n    REDIS_PASSWORD: |\n      {Canary}\n",
        };

    /// <summary>Files of every shape, for what holds for all.</summary>
    public static IEnumerable<string> All => WithCanary.Values.Append(Workload).Append(ValuesImporterTests.Guide);
}
