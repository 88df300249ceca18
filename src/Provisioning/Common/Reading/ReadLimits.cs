namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>How much of a text from outside is read. Everything that parses YAML or JSON which others wrote names one of these.</summary>
/// <param name="What">What it is, for messages: <c>values.yaml</c>.</param>
public sealed record ReadLimits(string What)
{
    private const int Mega = 1024 * 1024;

    /// <summary>Characters of YAML, or bytes of JSON; also with aliases expanded.</summary>
    public int Size { get; init; } = Mega;

    /// <summary>Levels of nesting.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Values, with those that aliases repeat.</summary>
    public int Nodes { get; init; } = 100_000;

    /// <summary>Characters of one value.</summary>
    public int Scalar { get; init; } = Mega;

    /// <summary>YAML documents in one text.</summary>
    public int Documents { get; init; } = 1;

    /// <summary>Whether YAML may use anchors and aliases at all.</summary>
    public bool Aliases { get; init; } = true;

    /// <summary>A chart file that Helm reads: the largest published ones have some ten thousand values.</summary>
    public static ReadLimits ChartFile(string name) => new(name);

    /// <summary>Rendered manifests. A release that is larger does not fit into the Secret that Helm keeps it in.</summary>
    public static ReadLimits Manifests { get; } =
        new("The rendered manifest")
        {
            Size = 8 * Mega,
            Nodes = 400_000,
            Documents = 2000,
            Scalar = 2 * Mega,
        };

    /// <summary>The index of a chart repository; those of the large public ones have a hundred thousand lines.</summary>
    public static ReadLimits ChartIndex { get; } =
        new("index.yaml")
        {
            Size = 24 * Mega,
            Nodes = 2_000_000,
            Depth = 16,
            Aliases = false,
        };

    /// <summary>What a registry answers.</summary>
    public static ReadLimits Registry { get; } =
        new("The registry's answer")
        {
            Size = Mega,
            Depth = 16,
            Nodes = 50_000,
        };

    /// <summary>What a cluster answers: a page of 500 objects, or one object of the most that etcd takes.</summary>
    public static ReadLimits Cluster { get; } =
        new("The cluster's answer")
        {
            Size = 64 * Mega,
            Nodes = 4_000_000,
            Scalar = 8 * Mega,
        };

    /// <summary>What a program that the portal starts prints.</summary>
    public static ReadLimits Tool { get; } =
        new("Helm's answer")
        {
            Size = 48 * Mega,
            Nodes = 1_000_000,
            Scalar = 48 * Mega,
        };

    /// <summary>A service that a check or a provider asks.</summary>
    public static ReadLimits Service { get; } = new("The answer") { Nodes = 50_000 };

    /// <summary>A kubeconfig.</summary>
    public static ReadLimits Kubeconfig { get; } =
        new("The kubeconfig")
        {
            Size = 64 * 1024,
            Depth = 16,
            Nodes = 4000,
            Aliases = false,
        };

    /// <summary>The body of a call to the portal's own API.</summary>
    public static ReadLimits Body { get; } =
        new("The body")
        {
            Size = 4 * Mega,
            Depth = 32,
            Nodes = 50_000,
            Scalar = 4 * Mega,
        };

    /// <summary>What the portal itself has stored, which somebody else may have changed meanwhile.</summary>
    public static ReadLimits Stored { get; } =
        new("A stored text")
        {
            Size = 64 * Mega,
            Nodes = 1_000_000,
            Scalar = 64 * Mega,
        };
}
