using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>
/// Rules for environment variables that the settings table does not name: gateways get new ones with each version, so they are passed on as
/// they are, except those that change what runs instead of how it is configured. Pure.
/// </summary>
internal static partial class VariableRules
{
    private const int Longest = 100;

    // Whole families that Portkey documents and adds to; the table names what is checked.
    private static readonly string[] Families = ["LOG_STORE_CONNECTION_", "JWT_", "PROMETHEUS_", "AWS_REDIS_", "GCP_REDIS_"];

    private static readonly Dictionary<string, string> Dangerous = new(StringComparer.Ordinal)
    {
        ["NODE_OPTIONS"] = "It can load other code into the gateway.",
        ["NODE_PATH"] = "It can load other code into the gateway.",
        ["NODE_REPL_EXTERNAL_MODULE"] = "It can load other code into the gateway.",
        ["NODE_TLS_REJECT_UNAUTHORIZED"] = "It turns off certificate verification. Give the company's authority under caBundle.",
        ["NODE_EXTRA_CA_CERTS"] = "Give the certificates under caBundle; the portal mounts them and sets this.",
        ["SSL_CERT_FILE"] = "Give the certificates under caBundle.",
        ["SSL_CERT_DIR"] = "Give the certificates under caBundle.",
        ["SSLKEYLOGFILE"] = "It logs the keys of encrypted connections.",
        ["OPENSSL_CONF"] = "It can load other code into the gateway.",
        ["OPENSSL_MODULES"] = "It can load other code into the gateway.",
        ["PATH"] = "It decides which programs run.",
        ["HOME"] = "The container decides it.",
        ["HOSTNAME"] = "Kubernetes sets it.",
        ["SHELL"] = "It decides which programs run.",
        ["ENV"] = "It decides which programs run.",
        ["BASH_ENV"] = "It decides which programs run.",
        ["IFS"] = "It decides which programs run.",
        ["GCONV_PATH"] = "It can load other code into the gateway.",
        ["GLIBC_TUNABLES"] = "It changes how programs are loaded.",
        [SettingKeys.RedisAdminUrl] = "It is the portal's own sign-in for rotations, which no gateway gets.",
    };

    private static readonly string[] DangerousPrefixes = ["LD_", "DYLD_", "NPM_CONFIG_", "npm_config_", "KUBERNETES_"];

    /// <summary>Whether the settings table names it, or it may be passed on anyway.</summary>
    public static bool IsCarried(string key, bool isSecret) =>
        SettingsCatalog.ByKey.TryGetValue(key, out var setting)
            ? isSecret
                ? setting.View.IsSecret || setting.MayBeSecret
                : !setting.View.IsSecret
            : WhyNot(key) is null;

    /// <summary>Why a variable of this name, which the table does not know, is refused; null where it may be passed on.</summary>
    public static string? WhyNot(string key) =>
        key.Length > Longest || !Name().IsMatch(key)
            ? $"Use the name of an environment variable: letters, digits and underscores, no digit first, at most {Longest}."
        : Dangerous.TryGetValue(key, out var why) ? $"This variable is not passed on. {why}"
        : Array.Exists(DangerousPrefixes, p => key.StartsWith(p, StringComparison.Ordinal))
            ? "This variable is not passed on: it changes what runs in the container."
        : null;

    /// <summary>Whether it belongs to a family of variables that Portkey documents.</summary>
    public static bool IsOfFamily(string key) =>
        Array.Exists(Families, f => key.StartsWith(f, StringComparison.Ordinal)) || ConfigTargets().IsMatch(key);

    /// <summary>Whether the name, or what is in the value, says that it is a secret, which must not be where approvers and the database
    /// read it.</summary>
    public static bool LooksSecret(string key, string value) =>
        SecretName().IsMatch(key)
        || HasPassword(value)
        || (Near(key) is { } near && SettingsCatalog.ByKey[near].View.IsSecret)
        || value.Contains("PRIVATE KEY-----", StringComparison.Ordinal);

    /// <summary>Whether a value is an address with a password in it.</summary>
    public static bool HasPassword(string value) => UrlWithPassword().IsMatch(value);

    /// <summary>The setting that was probably meant; null where none is close.</summary>
    public static string? Near(string key)
    {
        var plain = Plain(key);
        return SettingsCatalog.ByKey.Keys.FirstOrDefault(k => Plain(k) == plain)
            ?? SettingsCatalog.All.FirstOrDefault(s => s.GuideName == key)?.Key
            ?? SettingsCatalog
                .ByKey.Keys.Select(k => (Key: k, Distance: Distance(plain, Plain(k))))
                .Where(k => k.Distance <= (plain.Length < 8 ? 1 : 2))
                .OrderBy(k => k.Distance)
                .Select(k => k.Key)
                .FirstOrDefault();
    }

    private static string Plain(string key) => key.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // Levenshtein; names are short, and both ends are bounded.
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (corner, left) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                left = Math.Min(Math.Min(left, row[j]) + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                (corner, row[j]) = (row[j], left);
            }
        }

        return row[b.Length];
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\AMAX_[A-Z_]*CONFIG_TARGETS\z")]
    private static partial Regex ConfigTargets();

    [GeneratedRegex(
        @"(\A|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|CREDENTIALS?)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\A\s*[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]*:[^/?#\s]*@", RegexOptions.NonBacktracking)]
    private static partial Regex UrlWithPassword();
}
