using System.Text;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>A qualified name split into its parts, with the limits of every vault, so that what works on a laptop works in Azure.</summary>
/// <param name="Vault">Key of a team's vault; empty for the portal's own.</param>
/// <param name="Name">Name there.</param>
internal readonly partial record struct VaultPath(string Vault, string Name)
{
    /// <summary>Key Vault's limit on a value, in bytes.</summary>
    public const int LongestValue = 25 * 1024;

    /// <summary>Reads <c>name</c> or <c>vault/name</c>.</summary>
    /// <exception cref="VaultException">It is neither.</exception>
    public static VaultPath Parse(string qualified) =>
        Form().Match(qualified) is { Success: true } form
            ? new VaultPath(form.Groups["vault"].Value, form.Groups["name"].Value)
            : throw new VaultException(
                VaultFailure.NotFound,
                "A secret's name has 1 to 127 lower-case letters, digits and '-'; a team's vault and '/' may precede it."
            );

    /// <summary>The value as bytes.</summary>
    /// <exception cref="VaultException">It is too long.</exception>
    public static byte[] Checked(SecretValue value)
    {
        var bytes = Encoding.UTF8.GetBytes(value.Reveal());
        return bytes.Length <= LongestValue
            ? bytes
            : throw new VaultException(
                VaultFailure.Forbidden,
                $"The value has {bytes.Length} bytes; the vault takes at most {LongestValue}."
            );
    }

    /// <inheritdoc/>
    public override string ToString() => Vault.Length == 0 ? Name : $"{Vault}/{Name}";

    [GeneratedRegex(@"\A(?:(?<vault>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/)?(?<name>[a-z0-9-]{1,127})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
