using System.Text;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common.Reading;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Common.Reading;

public sealed class BoundedJsonTests
{
    private static readonly ReadLimits Limits = new("The answer")
    {
        Size = 1_000_000,
        Depth = 32,
        Nodes = 10_000,
    };

    public static TheoryData<string, string> Attacks =>
        new()
        {
            { new string('[', 30_000), "nested deeper than 32 levels" },
            { string.Concat(Enumerable.Repeat("{\"a\":", 30_000)), "nested deeper than 32 levels" },
            { $"[{string.Join(',', Enumerable.Repeat("0", 20_000))}]", "more than 10000 values" },
            { $"\"{new string('a', 1_000_001)}\"", "is larger than" },
        };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Any_OfAHostileText_SaysWhichLimit(string text, string says)
    {
        foreach (
            var read in new Action[]
            {
                () => BoundedJson.Document(text, Limits),
                () => BoundedJson.Node(text, Limits),
                () => BoundedJson.Read<JsonElement>(text, Limits),
                () => BoundedJson.Check(Encoding.UTF8.GetBytes(text), Limits),
            }
        )
        {
            Assert.Contains(says, Assert.Throws<UnreadableException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_AtTheLimit_ReadsIt()
    {
        var nested = new string('[', 32) + new string(']', 32);
        BoundedJson.Document(nested, Limits).Dispose();
        Assert.NotNull(BoundedJson.Node(nested, Limits));
        Assert.Throws<UnreadableException>(() => BoundedJson.Node($"[{nested}]", Limits));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{} {}")]
    [InlineData("")]
    public void Node_OfWhatIsNoJson_SaysSo(string text) => Assert.ThrowsAny<JsonException>(() => BoundedJson.Node(text, Limits));
}
