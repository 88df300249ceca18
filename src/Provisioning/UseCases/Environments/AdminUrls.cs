namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>The form of <see cref="Catalog.SettingKeys.RedisAdminUrl"/>.</summary>
internal static class AdminUrls
{
    /// <summary>What is wrong with it, or null; the answer holds nothing of it.</summary>
    public static string? Check(string value) =>
        value.Length > SpecValidator.MaxSecretLength
        || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        || !Uri.TryCreate(value, UriKind.Absolute, out var uri)
        || uri.Scheme is not ("redis" or "rediss")
        || uri.Host.Length == 0
        || uri.UserInfo.Split(':', 2) is not [_, { Length: > 0 }]
            ? "Give the address with the user and password that may change passwords: rediss://USER:PASSWORD@HOST:PORT, with special characters percent-encoded (%40 for @)."
            : null;
}
