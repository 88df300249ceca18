namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>What is kept beside a value. Whoever may list the vault sees it, so nothing of the value may be in it.</summary>
/// <param name="EnvironmentId">Environment that it is of; empty for none.</param>
/// <param name="Purpose">What it is for: the setting's key, or <c>kubeconfig</c>.</param>
/// <param name="ExpiresAt">UTC; null for none. The vault still gives an expired value: whether it works is the provider's word.</param>
/// <param name="ContentType">Of the value.</param>
public sealed record SecretAttributes(string EnvironmentId, string Purpose, DateTime? ExpiresAt = null, string ContentType = "text/plain");

/// <summary>One version in the vault, without its value.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Version">Version id.</param>
/// <param name="IsEnabled">Whether it can be read.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; null for none.</param>
/// <param name="EnvironmentId">Environment that it is of; empty where none was written down.</param>
/// <param name="Purpose">What it is for; empty where nothing was written down.</param>
public sealed record VaultEntry(
    string Name,
    string Version,
    bool IsEnabled,
    DateTime CreatedAt,
    DateTime? ExpiresAt,
    string EnvironmentId,
    string Purpose
);
