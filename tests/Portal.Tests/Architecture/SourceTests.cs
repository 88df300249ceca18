using System.Text.RegularExpressions;
using System.Xml.Linq;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>What is looked up in the sources, because no compiler does.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void VendorsLibraries_AreNamedInCloudsOnly()
    {
        // Sign-in is ASP.NET Core's: Microsoft.Identity.Web is no vendor's SDK for what the portal provisions.
        var found = Sources("src")
            .Where(f => !f.StartsWith("src/Provisioning/Clouds/", StringComparison.Ordinal))
            .SelectMany(f => Lines(f).Where(l => VendorsSdk().IsMatch(l)).Select(l => $"{f}: {l.Trim()}"));

        Assert.Empty(found);
        Assert.Contains(Sources("src/Provisioning/Clouds/Azure").SelectMany(Lines), l => VendorsSdk().IsMatch(l));
    }

    [Fact]
    public void Fields_ReadAtEachKey_AreBound()
    {
        // With value= and @oninput, the renderer takes what it last sent for what the field shows, and writes an older text over newer
        // keys: typed quickly, payments-seed became paymnts-seed. A binding tells it which attribute the event has changed.
        var found = Sources("src/Portal", "*.razor")
            .SelectMany(f => Lines(f).Where(l => AtEachKey().IsMatch(l)).Select(l => $"{f}: {l.Trim()}"));

        Assert.Empty(found);
        Assert.Contains(
            Sources("src/Portal", "*.razor").SelectMany(Lines),
            l => l.Contains("@bind:event=\"oninput\"", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void LogEvents_OfOneProgram_HaveIdsOfTheirOwn()
    {
        foreach (var program in new[] { "src", "tools/Sandbox" })
        {
            var ids = Sources(program)
                .SelectMany(f => EventId().Matches(string.Join('\n', Lines(f))).Select(m => (Id: m.Groups["id"].Value, File: f)))
                .ToList();

            Assert.True(ids.Count > 3, $"{program} has hardly any log events; does the pattern still fit?");
            Assert.Empty(
                ids.GroupBy(i => i.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(i => i.File))}")
            );
        }
    }

    [Fact]
    public void Packages_ThatArePinned_AreUsed()
    {
        var pins = XDocument
            .Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(p => (string)p.Attribute("Include")!)
            .ToList();
        var projects = Directory
            .EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "Directory.*.props"))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/artifacts/", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToList();

        Assert.True(pins.Count > 20);
        Assert.DoesNotContain(pins, p => !projects.Exists(t => t.Contains($"<PackageReference Include=\"{p}\"", StringComparison.Ordinal)));
    }

    // A text that people read, or search for, stands on one line; what is around it does not reach further for that.
    [Fact]
    public void Lines_WithoutTheirTexts_AreAtMost140Wide()
    {
        var wide = new[] { "src", "tools", "tests", "bench" }
            .SelectMany(Sources)
            .SelectMany(f => OutsideRawTexts(f).Where(l => Text().Replace(l.Text, "\"\"").Length > 140).Select(l => $"{f}:{l.Number}"))
            .ToList();

        Assert.True(wide.Count == 0, $"{wide.Count} lines are too wide:\n{string.Join('\n', wide.Take(20))}");
    }

    private static IEnumerable<(int Number, string Text)> OutsideRawTexts(string file)
    {
        var inside = false;
        foreach (var (text, index) in Lines(file).Select((text, index) => (text, index)))
        {
            if (!inside && !text.Contains("\"\"\"", StringComparison.Ordinal))
            {
                yield return (index + 1, text);
            }

            inside ^= text.Split("\"\"\"").Length % 2 == 0;
        }
    }

    private static IEnumerable<string> Sources(string folder) => Sources(folder, "*.cs");

    private static IEnumerable<string> Sources(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .Where(f =>
                !f.Contains("/obj/", StringComparison.Ordinal)
                && !f.Contains("/bin/", StringComparison.Ordinal)
                && !f.Contains("/Migrations/", StringComparison.Ordinal)
                && !f.Contains("/CompiledModel/", StringComparison.Ordinal)
            );

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Repository.Root, file));

    [GeneratedRegex(
        @"\b(using|global::)\s*(Azure|Amazon|Google)\.|\b(SecretClient|TokenCredential|BlobContainerClient|AmazonS3Client)\b",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex VendorsSdk();

    [GeneratedRegex(@"@oninput\s*=", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex AtEachKey();

    [GeneratedRegex(@"""(\\.|[^""\\])*""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Text();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(EventId = )?(?<id>[0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex EventId();
}
