using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>Says everything that is wrong with the vault's configuration at once, each with its key.</summary>
internal sealed partial class VaultOptionsValidator : IValidateOptions<VaultOptions>
{
    private const string AddressCure = "give the vault's address, https://NAME.vault.azure.net, without a path";

    public ValidateOptionsResult Validate(string? name, VaultOptions options)
    {
        var wrong = new List<string>();
        Check(options.IsAzure || options.IsLocal, "Kind", "use local or azure");
        Check(!options.IsAzure || IsAddress(options.Address), "Address", AddressCure);

        // A forgotten Kind would put real credentials into a file and look as if all were well.
        Check(
            !options.IsLocal || (options.Address.Length == 0 && options.Teams.Count == 0),
            "Kind",
            "it is local, but an address of a Key Vault is given; use azure, or remove the address"
        );
        foreach (var (team, address) in options.Teams)
        {
            Check(TeamName().IsMatch(team), $"Teams:{team}", "name the team as the portal does: lower-case letters, digits and hyphens");
            Check(IsAddress(address), $"Teams:{team}", AddressCure);
        }

        Check(options.TenantId.Length == 0 || TenantName().IsMatch(options.TenantId), "TenantId", "give the tenant's id, or its domain");
        Check(
            options.ClientId.Length == 0 || Guid.TryParse(options.ClientId, out _),
            "ClientId",
            "give the identity's client id, which is a GUID"
        );
        Check(options.CallsPerSecond is >= 1 and <= 4000, "CallsPerSecond", "use 1 to 4000");
        Check(options.TimeoutSeconds is >= 1 and <= 300, "TimeoutSeconds", "use 1 to 300");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(bool fine, string key, string cure)
        {
            if (!fine)
            {
                wrong.Add($"{VaultOptions.Section}:{key}: {cure}.");
            }
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address is { Scheme: "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" };

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex TeamName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.-]{0,252}\z")]
    private static partial Regex TenantName();
}
