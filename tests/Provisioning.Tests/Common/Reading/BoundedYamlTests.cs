using System.Diagnostics;
using CsCheck;
using Portkey.Portal.Provisioning.Common.Reading;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Tests.Common.Reading;

public sealed class BoundedYamlTests
{
    private static readonly ReadLimits Limits = ReadLimits.ChartFile("values.yaml");

    /// <summary>Each of these ends the process, takes gigabytes or goes on for ever where a tree is built first.</summary>
    public static TheoryData<string, string, string> Attacks =>
        new()
        {
            { "brackets", "a: " + new string('[', 30_000), "nested deeper" },
            { "closed brackets", "a: " + new string('[', 30_000) + new string(']', 30_000), "nested deeper" },
            { "braces", string.Concat(Enumerable.Repeat("{a: ", 30_000)), "nested deeper" },
            { "dashes", string.Concat(Enumerable.Repeat("- ", 30_000)) + "x", "nested deeper" },
            { "indentation", string.Concat(Enumerable.Range(0, 1200).Select(i => new string(' ', i) + "a:\n")), "nested deeper" },
            { "question marks", string.Concat(Enumerable.Repeat("? ", 30_000)), "not plain text" },
            { "a mapping as a key", "{a: 1}: b", "not plain text" },
            { "billion laughs", Laughs(), "more than 100000 values" },
            {
                "long laughs",
                $"a: &a {new string('x', 60_000)}\nb: [{string.Join(',', Enumerable.Repeat("*a", 100))}]",
                "with its aliases written out"
            },
            { "tall laughs", Tower(), "nested deeper" },
            { "an alias within itself", "a: &a [b, *a]", "inside its own anchor" },
            { "an alias for nothing", "a: *b", "without an anchor" },
            { "many values", "[" + string.Concat(Enumerable.Repeat("a,", 200_000)) + "]", "more than 100000 values" },
            { "much text", new string('a', 2_000_000), "larger than 1 MB" },
            { "many documents", string.Concat(Enumerable.Repeat("---\na: 1\n", 1000)), "several YAML documents" },
            { "no YAML", "a: [1, 2\nb: }", "is not YAML" },
            { "an unknown escape", "a: \"\\q\"", "is not YAML, at line 1" },
            { "half a character", "a: \"\\uD800\"", "is not YAML" },
        };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Read_OfAHostileText_IsRefusedAtOnceAndInLittleMemory(string name, string text, string says)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.StartNew();

        // On a stack of a fifth of the usual, so that what only just fits is found too.
        Exception? problem = null;
        var allocated = 0L;
        var thread = new Thread(
            () =>
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                problem = Record.Exception(() => BoundedYaml.Read(text, Limits));
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            },
            256 * 1024
        );
        thread.Start();
        thread.Join();

        Assert.Contains(says, Assert.IsType<UnreadableException>(problem).Message, StringComparison.Ordinal);
        Assert.StartsWith("values.yaml ", problem.Message, StringComparison.Ordinal);
        Assert.True(allocated < 200_000_000 && started.Elapsed < TimeSpan.FromSeconds(10), $"{name}: {allocated} bytes, {started.Elapsed}");
    }

    [Fact]
    public void Read_OfWhatChartsReallyUse_ReadsIt()
    {
        var root = Assert.IsType<YamlMappingNode>(
            Assert.Single(BoundedYaml.Read("defaults: &d {cpu: 1}\nweb: *d\nworker:\n  <<: *d\n  memory: 2\n", Limits))
        );
        Assert.Equal("1", root["web"]["cpu"].ToString());
        Assert.Empty(BoundedYaml.Read("# nothing\n", Limits));
    }

    [Fact]
    public void Read_AtTheLimit_ReadsIt_AndOnePastItDoesNot()
    {
        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Assert.Single(BoundedYaml.Read(Nested(64), Limits));
        Assert.Throws<UnreadableException>(() => BoundedYaml.Read(Nested(65), Limits));
        static string Wide(int values) => $"[{string.Join(',', Enumerable.Repeat("a", values - 1))}]";
        var few = Limits with { Nodes = 10 };
        Assert.Single(BoundedYaml.Read(Wide(10), few));
        Assert.Throws<UnreadableException>(() => BoundedYaml.Read(Wide(11), few));
    }

    [Fact]
    public void Read_OfAnyTextAtAll_GivesATreeOrSaysWhyNot() =>
        Gen.OneOf(
                Gen.OneOf(
                        "a: ",
                        "- ",
                        "[",
                        "]",
                        "{",
                        "}",
                        "&a ",
                        "*a",
                        "<<: ",
                        "? ",
                        "!!binary ",
                        "!<x> ",
                        "%TAG ! x\n",
                        "---\n",
                        "...\n",
                        "|\n",
                        ">-\n",
                        "\"",
                        "'",
                        "\\x",
                        "\n",
                        "  ",
                        "#",
                        ",",
                        "\t",
                        "\0",
                        "\ud83d",
                        "é",
                        "%YAML 1.3\n",
                        "@",
                        "`"
                    )
                    .Array[0, 60]
                    .Select(string.Concat),
                Gen.String
            )
            .Sample(
                text =>
                {
                    try
                    {
                        BoundedYaml.Read(text, Limits);
                    }
                    catch (UnreadableException)
                    {
                        // Said so.
                    }
                },
                iter: 20_000
            );

    private static string Laughs() =>
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

    private static string Tower() => "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 90).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));
}
