using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class SearchBoxTests : BunitContext
{
    private readonly OneTimer clock = new();

    public SearchBoxTests() => Services.AddSingleton<TimeProvider>(clock);

    [Fact]
    public async Task Typing_IsAskedForOnceNothingMoreComes()
    {
        var asked = new List<string>();
        var box = Render<SearchBox>(p =>
            p.Add(b => b.Id, "search").Add(b => b.Label, "Search").Add(b => b.Value, "").Add(b => b.OnSearch, asked.Add)
        );
        foreach (var text in (string[])["p", "pa", "pay"])
        {
            await box.Find("input").InputAsync(text);
        }

        Assert.Empty(asked);
        Assert.Equal(3, clock.Started);
        clock.Elapse();
        await box.WaitForAssertionAsync(() => Assert.Equal(["pay"], asked));
    }

    [Fact]
    public async Task Value_ThatWasAskedFor_LeavesWhatWasTypedSince_AndAnotherReplacesIt()
    {
        var asked = new List<string>();
        var box = Render<SearchBox>(p =>
            p.Add(b => b.Id, "search").Add(b => b.Label, "Search").Add(b => b.Value, "").Add(b => b.OnSearch, asked.Add)
        );
        await box.Find("input").InputAsync("pay");
        clock.Elapse();
        await box.WaitForAssertionAsync(() => Assert.Equal(["pay"], asked));
        await box.Find("input").InputAsync("payments");

        Given("pay");
        Assert.Equal("payments", Shown());
        Given(""); // the filters were cleared
        Assert.Equal("", Shown());
        Given("pay"); // back to the address of before
        Assert.Equal("pay", Shown());

        void Given(string value) => box.Render(p => p.Add(b => b.Value, value));
        string? Shown() => box.Find("input").GetAttribute("value");
    }

    // A clock with one timer, which elapses when the test says so.
    private sealed class OneTimer : TimeProvider, ITimer
    {
        private Action elapse = () => { };

        public int Started { get; private set; }

        public void Elapse() => elapse();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            elapse = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Started++;
            return true;
        }

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
