namespace Portkey.Portal.Provisioning.Common;

/// <summary>What the engine is told by configuration, section <c>Portal</c>.</summary>
public sealed class ProvisioningOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal";

    /// <summary>Folder for the database (SQLite), local vault and caches.</summary>
    public string DataDirectory { get; set; } = ".portal";

    /// <summary>File with the key that the portal's own keys in the database are wrapped by; empty for one in the user's home, which is
    /// made when it is not there.</summary>
    public string KeyRingKeyFile { get; set; } = "";

    /// <summary>Name of the secret in the portal's Key Vault that takes the file's place; empty for the file.</summary>
    public string KeyEncryptionSecret { get; set; } = "";

    /// <summary>File with the key that wrapped them before; what it opens is wrapped anew at the next start. Empty for none.</summary>
    public string OldKeyRingKeyFile { get; set; } = "";

    /// <summary>Folder for the seals of history; empty for <c>audit</c> in the data folder.</summary>
    public string SealsDirectory { get; set; } = "";

    /// <summary>Seconds between seals.</summary>
    public int SealSeconds { get; set; } = 60;

    /// <summary>Kilobytes of changes after which seals go on in a new file.</summary>
    public int SealFileKilobytes { get; set; } = 1024;

    /// <summary>Files of seals that are kept.</summary>
    public int SealFilesKept { get; set; } = 24;

    /// <summary><c>Sqlite</c> or <c>PostgreSql</c>.</summary>
    public string DatabaseProvider { get; set; } = "Sqlite";

    /// <summary>Connection string; for SQLite empty means <c>portal.db</c> in the data folder.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>What this process does: <c>web</c>, <c>worker</c>, or both.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>Path of Helm 4; empty for <c>helm</c> on PATH.</summary>
    public string HelmPath { get; set; } = "helm";

    /// <summary>kubeconfig of the sandbox cluster; empty when there is none.</summary>
    public string SandboxKubeconfig { get; set; } = "";

    /// <summary>Address ranges of model providers, CIDR with optional port, by the name that a spec uses: <c>anthropic</c>,
    /// <c>azure-openai</c>. NetworkPolicies know addresses only, so administrators keep them.</summary>
    public IDictionary<string, string[]> EgressProviders { get; set; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    /// <summary><c>allowed</c> or <c>forbidden</c>: environment variables of a spec that the portal does not know. Gateways get new ones
    /// with each version.</summary>
    public string UnknownVariables { get; set; } = "allowed";

    /// <summary>Repositories that a spec's images may come from, such as <c>registry.example.com/portkeyai/*</c>; empty for any, which
    /// approvers are told.</summary>
    public IList<string> ImageRepositories { get; set; } = [];

    /// <summary>What administrators set for profiles, by name.</summary>
    public IDictionary<string, ProfileOptions> Profiles { get; set; } = new Dictionary<string, ProfileOptions>(StringComparer.Ordinal);

    /// <summary>Whether the digest of each image is looked up when a request is made, and is part of what is approved; a request whose
    /// digest cannot be found is refused.</summary>
    public bool PinImages { get; set; }

    /// <summary>Namespace that the portal itself runs in, where no environment may be; empty for what a pod's service account
    /// tells.</summary>
    public string OwnNamespace { get; set; } = "";

    /// <summary>Further namespaces that no environment may be in, besides <c>default</c>, <c>kube-*</c> and <c>openshift-*</c>; a last
    /// <c>*</c> stands for any end.</summary>
    public IList<string> ReservedNamespaces { get; set; } = [];

    /// <summary>Folder that holds our own charts.</summary>
    public string ChartsDirectory { get; set; } = "infra/charts";

    /// <summary>Whether to seed the personas of Development mode with their teams.</summary>
    public bool SeedPersonas { get; set; }

    /// <summary>Whether a cluster may be registered whose certificate is not verified. Set by the host, in Development only; never by
    /// configuration.</summary>
    public bool AllowInsecureTls { get; set; }

    /// <summary>Operations at once in this process; one that only waits for the cluster does not count.</summary>
    public int WorkerConcurrency { get; set; } = 4;

    /// <summary>Of them on one cluster at most; 0 for one fewer than <see cref="WorkerConcurrency"/> where there is another
    /// cluster.</summary>
    public int ClusterConcurrency { get; set; }

    /// <summary>Of them for one team at most; 0 for one fewer than <see cref="WorkerConcurrency"/> where there is another team.</summary>
    public int TeamConcurrency { get; set; }

    /// <summary>Helm processes of operations at once in this process; one cluster's are at most one fewer.</summary>
    public int HelmConcurrency { get; set; } = 4;

    /// <summary>Checks, previews and proposals that are rendered at once in this process; one person's are at most one fewer.</summary>
    public int RenderConcurrency { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Checks, previews and proposals of one person that may wait for their turn; more are answered with 429.</summary>
    public int RenderQueuePerPerson { get; set; } = 100;

    /// <summary>Seconds that a lease on an environment lasts.</summary>
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>Seconds to wait for pods before an operation fails.</summary>
    public int RolloutTimeoutSeconds { get; set; } = 300;

    /// <summary>Of them, seconds for which an operation keeps its worker; then it gives it back and is called when there is news.</summary>
    public int WaitInPlaceSeconds { get; set; } = 4;

    /// <summary>Seconds between health sweeps.</summary>
    public int HealthIntervalSeconds { get; set; } = 15;

    /// <summary>Seconds that a stopping worker lets running operations go on.</summary>
    public int DrainSeconds { get; set; } = 15;

    /// <summary>Folder in which tests arm <see cref="Failpoints"/>; empty for none, and refused outside Development.</summary>
    public string FailpointsDirectory { get; set; } = "";

    /// <summary>Full path of the folder for seals.</summary>
    public string SealsPath => Path.GetFullPath(SealsDirectory.Length > 0 ? SealsDirectory : Path.Combine(DataDirectory, "audit"));

    /// <summary>Serves pages and API.</summary>
    public bool IsWeb => Roles.Count == 0 || Roles.Contains("web");

    /// <summary>Provisions.</summary>
    public bool IsWorker => Roles.Count == 0 || Roles.Contains("worker");
}

/// <summary>What administrators set for a profile, section <c>Portal:Profiles:NAME</c>.</summary>
public sealed class ProfileOptions
{
    /// <summary>Seconds from a pod's removal until it is killed, 1 to 3600; null for the profile's own value.</summary>
    public int? GraceSeconds { get; set; }
}
