namespace Portkey.Portal.Sandbox.Storage;

/// <summary>One kind of object that the API server serves: its names, scope and abilities.</summary>
internal sealed record ResourceType(
    string Group,
    string Version,
    string Plural,
    string Singular,
    string Kind,
    bool Namespaced,
    string[] ShortNames,
    bool HasStatus = false,
    bool HasScale = false,
    bool Generations = false,
    ResourceAbility Ability = ResourceAbility.Full,
    string[]? Categories = null,
    bool IsCustom = false
)
{
    /// <summary>Value of an object's apiVersion: <c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>How messages name the resource: <c>pods</c> or <c>deployments.apps</c>.</summary>
    public string GroupResource { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Where the resource type lives below the server's root.</summary>
    public string RootPath { get; } = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    // The catalogue holds one instance a type, so identity is enough and keeps dictionary look-ups cheap.
    public bool Equals(ResourceType? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public override string ToString() => GroupResource;
}

/// <summary>What callers may do with a resource type.</summary>
internal enum ResourceAbility
{
    /// <summary>Every verb.</summary>
    Full,

    /// <summary>Can be created only, and is answered rather than stored (access reviews).</summary>
    CreateOnly,
}
