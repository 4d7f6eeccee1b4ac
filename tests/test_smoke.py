async def test_x(client):
    r = await client.get("/s/community-needs?lang=ko")
    assert r.status_code == 200
async def test_db(database):
    from survey.accounts.tables import Area
    assert await Area.count() == 24
