defmodule DuesTest do
  use ExUnit.Case, async: true

  test "months are added" do
    assert Dues.add_months({2023, 1, 15}, 0) == {2023, 1, 15}
    assert Dues.add_months({2023, 1, 15}, 11) == {2023, 12, 15}
    assert Dues.add_months({2023, 1, 15}, 12) == {2024, 1, 15}
    assert Dues.add_months({2023, 12, 1}, 1) == {2024, 1, 1}
    assert Dues.add_months({2023, 1, 15}, -1) == {2022, 12, 15}
    assert Dues.add_months({2023, 12, 15}, -24) == {2021, 12, 15}
  end

  test "short months" do
    assert Dues.add_months({2023, 1, 31}, 1) == {2023, 2, 28}
    assert Dues.add_months({2024, 1, 31}, 1) == {2024, 2, 29}
    assert Dues.add_months({2024, 2, 29}, 12) == {2025, 2, 28}
    assert Dues.add_months({1999, 12, 30}, 2) == {2000, 2, 29}
    assert Dues.add_months({2100, 1, 31}, 1) == {2100, 2, 28}
    assert Dues.add_months({2023, 5, 31}, -1) == {2023, 4, 30}
    assert Dues.add_months({2023, 8, 31}, 1) == {2023, 9, 30}
  end

  test "every result is a date and no month is skipped" do
    for n <- -300..300 do
      {year, month, day} = Dues.add_months({2020, 3, 31}, n)
      assert :calendar.valid_date(year, month, day)
      assert year * 12 + month == 2020 * 12 + 3 + n
      assert day == :calendar.last_day_of_the_month(year, month)
    end
  end

  test "working days stay, weekends move on" do
    assert Dues.adjust({2023, 6, 14}, []) == {2023, 6, 14}
    assert Dues.adjust({2023, 6, 17}, []) == {2023, 6, 19}
    assert Dues.adjust({2023, 6, 18}, []) == {2023, 6, 19}
    assert Dues.adjust({2023, 6, 17}, [{2023, 6, 19}]) == {2023, 6, 20}
    assert Dues.adjust({2023, 6, 14}, [{2023, 6, 14}, {2023, 6, 15}]) == {2023, 6, 16}
  end

  test "the month is kept" do
    assert Dues.adjust({2023, 9, 30}, []) == {2023, 9, 29}
    assert Dues.adjust({2023, 12, 31}, [{2023, 12, 29}]) == {2023, 12, 28}
    assert Dues.adjust({2023, 5, 31}, [{2023, 5, 31}]) == {2023, 5, 30}
    assert Dues.adjust({2023, 9, 29}, [{2023, 9, 29}]) == {2023, 9, 28}
  end

  test "schedules" do
    assert Dues.schedule({2023, 1, 2}, 1, 0, []) == []
    assert Dues.schedule({2023, 1, 1}, 1, 1, []) == [{2023, 1, 2}]

    assert Dues.schedule({2023, 1, 31}, 1, 5, []) ==
             [{2023, 1, 31}, {2023, 2, 28}, {2023, 3, 31}, {2023, 4, 28}, {2023, 5, 31}]

    assert Dues.schedule({2023, 4, 15}, 3, 4, [{2023, 4, 17}]) ==
             [{2023, 4, 18}, {2023, 7, 17}, {2023, 10, 16}, {2024, 1, 15}]
  end

  test "later dates do not depend on earlier ones" do
    dates = Dues.schedule({2023, 8, 31}, 6, 6, [{2024, 2, 29}])

    assert dates == [
             {2023, 8, 31},
             {2024, 2, 28},
             {2024, 8, 30},
             {2025, 2, 28},
             {2025, 8, 29},
             {2026, 2, 27}
           ]
  end
end
