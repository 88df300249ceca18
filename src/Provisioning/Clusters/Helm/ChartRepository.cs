using System.Net;
using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>A chart repository: <c>index.yaml</c> and the archives that it names, at its own address or at others.</summary>
internal sealed class ChartRepository(ChartHttp http, ChartLocation location)
{
    private const int MostVersions = 10_000;

    /// <summary>Fetches an archive and checks it against the digest in the index, which Helm itself does not do.</summary>
    public async Task FetchAsync(string? version, string path, CancellationToken cancellationToken)
    {
        var answer = await http.GetAsync(
            new Uri(location.Address, "index.yaml"),
            ReadLimits.ChartIndex,
            "",
            token: null,
            cancellationToken
        );
        if (answer.Status != HttpStatusCode.OK)
        {
            throw ChartHttp.Missing();
        }

        List<Entry> entries;
        try
        {
            entries = BoundedYaml.Walk(Encoding.UTF8.GetString(answer.Body), ReadLimits.ChartIndex, Entries);
        }
        catch (UnreadableException problem)
        {
            throw new ChartException("chart-invalid", $"The repository's index cannot be read. {problem.Message}", inner: problem);
        }

        var wanted = version ?? ChartVersions.Newest(entries.Select(e => e.Version));
        var entry = entries.Find(e => e.Version == wanted) ?? throw ChartHttp.Missing();
        if (entry.Address is null || !Uri.TryCreate(location.Address, entry.Address, out var address))
        {
            throw new ChartException("chart-invalid", "The repository's index names no address for this version.");
        }

        await http.SaveAsync(address, path, token: null, cancellationToken);
        await using var file = File.OpenRead(path);
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        var told = entry.Digest?.Replace("sha256:", "", StringComparison.OrdinalIgnoreCase);
        if (!string.IsNullOrEmpty(told) && !told.Equals(digest, StringComparison.OrdinalIgnoreCase))
        {
            throw new ChartException(
                "digest-mismatch",
                "The archive is not the one in the repository's index: its sha256 digest differs. Somebody changed one of them; ask the repository's owner."
            );
        }
    }

    // entries: { gateway: [ { version: 1.0.0, urls: [ gateway-1.0.0.tgz ], digest: 0a1b… } ] }; the rest is skipped.
    private List<Entry> Entries(IParser events)
    {
        var found = new List<Entry>();
        events.Consume<StreamStart>();
        if (events.TryConsume<DocumentStart>(out _))
        {
            Mapping(
                events,
                key =>
                {
                    if (key != "entries")
                    {
                        events.SkipThisAndNestedEvents();
                        return;
                    }

                    Mapping(
                        events,
                        chart =>
                        {
                            if (chart != location.Chart || !events.TryConsume<SequenceStart>(out _))
                            {
                                events.SkipThisAndNestedEvents();
                                return;
                            }

                            while (!events.TryConsume<SequenceEnd>(out _))
                            {
                                found.Add(One(events));
                                if (found.Count > MostVersions)
                                {
                                    throw new UnreadableException($"It has more than {MostVersions} versions of this chart.");
                                }
                            }
                        }
                    );
                }
            );
        }

        while (events.MoveNext())
        {
            // To the end, so that all of it is checked.
        }

        return found;
    }

    private static Entry One(IParser events)
    {
        var entry = new Entry();
        Mapping(
            events,
            key =>
            {
                if (key is "version" or "digest" && events.TryConsume<Scalar>(out var scalar))
                {
                    entry = key == "version" ? entry with { Version = scalar.Value } : entry with { Digest = scalar.Value };
                }
                else if (key == "urls" && events.TryConsume<SequenceStart>(out _))
                {
                    while (!events.TryConsume<SequenceEnd>(out _))
                    {
                        entry = events.TryConsume<Scalar>(out var url) ? entry with { Address = entry.Address ?? url.Value } : entry;
                        if (url is null)
                        {
                            events.SkipThisAndNestedEvents();
                        }
                    }
                }
                else
                {
                    events.SkipThisAndNestedEvents();
                }
            }
        );
        return entry;
    }

    private static void Mapping(IParser events, Action<string> each)
    {
        if (!events.TryConsume<MappingStart>(out _))
        {
            events.SkipThisAndNestedEvents();
            return;
        }

        while (!events.TryConsume<MappingEnd>(out _))
        {
            each(events.Consume<Scalar>().Value);
        }
    }

    private sealed record Entry
    {
        public string Version { get; init; } = "";

        public string? Digest { get; init; }

        public string? Address { get; init; }
    }
}
