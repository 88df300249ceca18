using System.Net.Http.Headers;
using System.Text;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>Database, seals, vault and whatever else a portal writes are its user's alone.</summary>
public sealed class PrivateFilesTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Portal_Started_HasNoFileThatOthersMayRead_NewOrOfBefore()
    {
        using var folder = new TemporaryFolder();
        using var seals = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        const UnixFileMode open = (UnixFileMode)0b110_100_100;
        Directory.CreateDirectory(folder.Combine("logs"), (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        foreach (
            var file in (string[])[folder.Combine("logs/portal.log"), folder.Combine("seals-of-before"), elsewhere.Combine("not-ours")]
        )
        {
            await File.WriteAllTextAsync(file, "of before");
            File.SetUnixFileMode(file, open);
        }

        File.CreateSymbolicLink(folder.Combine("link"), elsewhere.Combine("not-ours"));
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                DataFolder = folder.Path,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__SealsDirectory"] = seals.Combine("of-the-portal"),
                    ["Portal__SealSeconds"] = "1",
                },
            }
        );
        using var client = await portal.ClientAsync("lead-payments");
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var answer = await client.PostAsync(
            "/api/v1/import",
            new StringContent("SERVICE_NAME=gateway\nPORTKEY_CLIENT_AUTH=canary-4711-0123456789", Encoding.UTF8)
        );
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(
            () =>
                Directory.Exists(seals.Combine("of-the-portal"))
                && Directory.GetFiles(seals.Combine("of-the-portal"), "seals-*.jsonl").Length > 0,
            "a seal is written"
        );

        var all = new[] { folder.Path, seals.Combine("of-the-portal") }
            .SelectMany(f => Directory.GetFileSystemEntries(f, "*", SearchOption.AllDirectories).Append(f))
            .Where(p => new FileInfo(p).LinkTarget is null)
            .ToList();
        Assert.Contains(folder.Combine("portal.db"), all);
        Assert.Contains(folder.Combine("portal.db-wal"), all);
        Assert.Contains(all, p => p.StartsWith(folder.Combine("vault"), StringComparison.Ordinal));
        Assert.Empty(
            all.Where(p => (File.GetUnixFileMode(p) & Others) != UnixFileMode.None).Select(p => $"{p}: {File.GetUnixFileMode(p)}")
        );
        Assert.Equal(open, File.GetUnixFileMode(elsewhere.Combine("not-ours")));
    }
}
